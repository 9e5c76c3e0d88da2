package web

import "github.com/valyala/fasthttp"

// Ask answers a request for the API that comes from this process, with the rights of a bearer token, as if it had come
// over the network.
func (s *Server) Ask(method, path, bearer string, body []byte) (status int, answer []byte) {
	var request fasthttp.Request
	request.Header.SetMethod(method)
	request.SetRequestURI(path)
	request.Header.Set("Authorization", "Bearer "+bearer)
	if body != nil {
		request.Header.SetContentType("application/json")
		request.SetBody(body)
	}
	var ctx fasthttp.RequestCtx
	ctx.Init(&request, nil, nil)
	s.app.Handler()(&ctx)
	return ctx.Response.StatusCode(), ctx.Response.Body()
}

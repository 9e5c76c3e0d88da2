package webhooks

import "callhue/internal/web"

// freepbx asks for caller names with a CallerID Lookup Source; it posts nothing.
// The whole answer becomes the name, whatever its status.
func freepbx() Dialect {
	return Dialect{
		Name:  "freepbx",
		Title: web.Say("FreePBX, Asterisk: имя звонящего", "FreePBX, Asterisk: caller names"),
		names: true,
		paste: func(p Address) Setup {
			return Setup{URL: p.Names(), Steps: []Step{
				step("«Admin → CallerID Lookup Sources»: добавьте источник типа HTTP или HTTPS, кэш выключите.", "Admin > CallerID Lookup Sources: add one of the type HTTP or HTTPS, without cache."),
				enter(p.Host(), "Host и port:", "Host and port:"),
				enter(p.Source.Name, "Username:", "Username:"),
				enter(p.Secret, "Password — секрет источника:", "Password, the secret of this source:"),
				enter(p.namesPath(), "Path:", "Path:"),
				enter("number=[NUMBER]&name=[NAME]", "Query:", "Query:"),
				enter("same => n,Set(WHO=${CURL("+p.Names(p.Secret)+"?number=${URIENCODE(${CALLERID(num)})})})\n"+
					`same => n,ExecIf($["${WHO}" != ""]?Set(CALLERID(name)=${WHO}))`, "Без FreePBX, в плане набора Asterisk:", "Without FreePBX, in the dialplan of Asterisk:"),
			}}
		},
	}
}

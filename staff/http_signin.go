package staff

import (
	"bytes"
	_ "embed" // signin.html, signin.css
	"html/template"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
	"callhue/internal/web"
)

//go:embed signin.html
var signInPage string

//go:embed signin.css
var signInStyle string

// signInView is what the page of a one-time link shows.
type signInView struct {
	Style  template.CSS
	RU     bool
	Name   string // of the user of the link
	Now    string // who is signed in now, where that is someone else
	Before int64  // their id
}

// showLink shows the page of a one-time link. It uses the link up only when its button is pressed: messengers, scanners
// of mail and browsers look at addresses before people do.
func (r *Roster) showLink(q *web.Request) error {
	user, err := r.LinkUser(q.Context(), q.C.Params("secret"))
	if err != nil {
		return refuseLink(q, err)
	}
	return r.askToSignIn(q, user, fiber.StatusOK)
}

func (r *Roster) askToSignIn(q *web.Request, user *User, status int) error {
	view := signInView{Style: template.CSS(signInStyle), RU: user.Language == "ru", Name: user.Name}
	if q.User != nil && q.User.ID != user.ID {
		view.Now, view.Before = q.User.Name, q.User.ID
	}
	page, err := template.New("signin").Parse(signInPage)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := page.Execute(&out, view); err != nil {
		return err
	}
	return q.Page(status, signInStyle, out.Bytes())
}

// followLink signs in by a one-time link. Who is signed in as someone else must have been shown that, and asked: the
// form names whose session it replaces.
func (r *Roster) followLink(q *web.Request) error {
	secret := q.C.Params("secret")
	user, err := r.LinkUser(q.Context(), secret)
	if err != nil {
		return refuseLink(q, err)
	}
	other := q.User != nil && q.User.ID != user.ID
	if other && q.C.FormValue("instead_of") != strconv.FormatInt(q.User.ID, 10) {
		return r.askToSignIn(q, user, fiber.StatusConflict)
	}
	s, err := r.FollowLink(q.Context(), secret, browserOf(q))
	if err != nil {
		return refuseLink(q, err)
	}
	if err := r.replaceSession(q, s); err != nil {
		return err
	}
	return q.C.Redirect("/", fiber.StatusSeeOther)
}

// refuseLink leads to the sign-in page, which shows why a link was refused.
func refuseLink(q *web.Request, err error) error {
	q.C.Set(fiber.HeaderCacheControl, "no-store")
	if fault.Is(err, fault.KindUnauthorised) {
		return q.C.Redirect("/signin?error="+fault.Of(err).Key, fiber.StatusSeeOther)
	}
	return err
}

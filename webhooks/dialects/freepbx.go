package dialects

import "callhue/internal/web"

// freepbx asks for caller names with a CallerID Lookup Source; it sends no webhooks. The whole answer becomes the name,
// whatever its status.
func freepbx() Dialect {
	return Dialect{
		Name:     "freepbx",
		Title:    web.Say("FreePBX, Asterisk: имя звонящего", "FreePBX, Asterisk: caller names"),
		CallerID: true,
		Setup: func(a Address) Setup {
			return Setup{URL: a.CallerID(), Steps: []Step{
				note("«Admin → CallerID Lookup Sources»: добавьте источник типа HTTP или HTTPS и выключите кэш.",
					"Under Admin > CallerID Lookup Sources, add a source of the type HTTP or HTTPS, without cache."),
				enter(a.Host(), "Host и Port:", "Host and Port:"),
				enter(a.Source, "Username:", "Username:"),
				enter(a.Secret, "Password — секрет источника:", "Password, the secret of this source:"),
				enter(a.callerIDPath(), "Path:", "Path:"),
				enter("number=[NUMBER]&name=[NAME]", "Query:", "Query:"),
				enter("same => n,Set(WHO=${CURL("+a.CallerID(a.Secret)+"?number=${URIENCODE(${CALLERID(num)})}"+
					"&agent=${EXTEN})})\n"+
					`same => n,ExecIf($["${WHO}" != ""]?Set(CALLERID(name)=${WHO}))`,
					"Без FreePBX, в плане набора Asterisk перед Dial(), где EXTEN — внутренний номер:",
					"Without FreePBX, in Asterisk's dialplan before Dial(), where EXTEN is the extension:"),
			}}
		},
	}
}

package webhooks

// freepbx asks for caller names with a CallerID Lookup Source; it posts nothing.
// The whole answer becomes the name, whatever its status.
func freepbx() Dialect {
	return Dialect{
		Name:     "freepbx",
		Title:    "FreePBX, Asterisk: caller names",
		Settings: nameSettings[:],
		names:    true,
		paste: func(p Address) Paste {
			return Paste{URL: p.Names(), Lines: []string{
				"Admin > CallerID Lookup Sources > add one of the type HTTP or HTTPS, without cache.",
				"Host and port: " + p.Host() + ", user name: " + p.Source.Name + ", password: the secret.",
				"Path: " + p.namesPath() + ", query: number=[NUMBER]&name=[NAME]",
				"Asterisk's own dialplan: Set(WHO=${CURL(" + p.Names(p.Secret) + "?number=${URIENCODE(${CALLERID(num)})})})",
				`and: ExecIf($["${WHO}" != ""]?Set(CALLERID(name)=${WHO}))`,
			}}
		},
	}
}

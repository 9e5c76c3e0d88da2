package webhooks

// freeswitch asks for caller names with mod_cidlookup; it posts nothing. It waits
// two seconds, and takes the whole answer for the name, whatever its status.
func freeswitch() Dialect {
	return Dialect{
		Name:     "freeswitch",
		Title:    "FreeSWITCH, FusionPBX: caller names",
		Settings: nameSettings[:],
		names:    true,
		paste: func(p Address) Paste {
			url := p.Names(p.Secret) + "?number=${caller_id_number}"
			return Paste{URL: url, Lines: []string{
				"autoload_configs/cidlookup.conf.xml: <param name=\"url\" value=\"" + url + "\"/>",
				"Leave cache off there: the colour of a call may change between two calls.",
				"Dialplan: <action application=\"cidlookup\" data=\"$1\"/>",
			}}
		},
	}
}

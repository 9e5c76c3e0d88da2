package dialects

import "callhue/internal/web"

// freeswitch asks for caller names with mod_cidlookup; it posts nothing. It waits
// two seconds, and takes the whole answer for the name, whatever its status.
func freeswitch() Dialect {
	return Dialect{
		Name:     "freeswitch",
		Title:    web.Say("FreeSWITCH, FusionPBX: имя звонящего", "FreeSWITCH, FusionPBX: caller names"),
		CallerID: true,
		Setup: func(a Address) Setup {
			url := a.CallerID(a.Secret) + "?number=${caller_id_number}"
			return Setup{URL: url, Steps: []Step{
				enter("<param name=\"url\" value=\""+url+"\"/>", "autoload_configs/cidlookup.conf.xml:", "autoload_configs/cidlookup.conf.xml:"),
				note("Кэш там не включайте: цвет между двумя звонками может измениться.", "Leave cache off there: the colour of a call may change between two calls."),
				enter("<action application=\"cidlookup\" data=\"$1\"/>", "План набора:", "Dialplan:"),
			}}
		},
	}
}

package dialects

import "callhue/internal/web"

// freeswitch asks for caller names with mod_cidlookup; it sends no webhooks. It waits two seconds and takes the whole
// answer for the name, whatever its status.
func freeswitch() Dialect {
	return Dialect{
		Name:     "freeswitch",
		Title:    web.Say("FreeSWITCH, FusionPBX: имя звонящего", "FreeSWITCH, FusionPBX: caller names"),
		CallerID: true,
		Setup: func(a Address) Setup {
			url := a.CallerID(a.Secret) + "?number=${caller_id_number}"
			inXML := url + "&amp;agent=${destination_number}" // the extension that is rung
			return Setup{URL: url, Steps: []Step{
				enter(`<param name="url" value="`+inXML+`"/>`,
					"В autoload_configs/cidlookup.conf.xml:", "In autoload_configs/cidlookup.conf.xml:"),
				note("Кэш там не включайте: между двумя звонками цвет может измениться.",
					"Leave the cache off there: the colour may change between two calls."),
				enter(`<action application="cidlookup" data="${caller_id_number}"/>`,
					"В плане набора внутренних номеров, перед bridge:",
					"In the dialplan of extensions, before the bridge:"),
			}}
		},
	}
}

package dialects

import "slices"

// Names of the dialects that other packages refer to.
const (
	AMI          = "ami"
	FreeSWITCH   = "freeswitch"
	Threecx      = "3cx"
	Bitrix24     = "bitrix24"
	Bitrix24Sync = "bitrix24-sync"
	AmocrmSync   = "amocrm-sync"
	SQL          = "sql"
	HTTP         = "http"
)

// All returns every dialect. A new one is a file of its own, a folder in testdata and a line here.
func All() []Dialect {
	list := []Dialect{
		generic(),
		bitrix24(),
		itoolabs(),
		mango(),
		zadarma(),
		telphin(),
		uis(),
		sipuni(),
		amocrm(),
		zammad(),
		sipgate(),
		placetel(),
		twilio(),
		freepbx(),
		freeswitch(),
		threecx(),
		yeastar(),
		asterisk(),
		bitrix24Sync(),
		amocrmSync(),
		sqlLookup(),
		httpLookup(),
	}
	for i := range list {
		d := &list[i]
		if d.ReportsCalls() {
			d.Settings = append(slices.Clone(d.Settings), linesSetting)
		}
		if d.CallerID {
			d.Settings = append(slices.Clone(d.Settings), lengthSetting(DefaultNameLength), asciiSetting, languageSetting)
		}
	}
	return list
}

// ByName returns every dialect by its name.
func ByName() map[string]*Dialect {
	byName := map[string]*Dialect{}
	for _, d := range All() {
		byName[d.Name] = &d
	}
	return byName
}

// SyncsRecords reports whether the CRM records of a dialect's sources are synced here.
func SyncsRecords(name string) bool {
	d := ByName()[name]
	return d != nil && d.Connection == CRMConnection
}

package webhooks

import (
	"cmp"
	"net"
	"strings"

	"callhue/fault"
)

// asterisk is the manager interface of Asterisk 13 to 22 (FreePBX, Issabel and others
// have one inside). It posts nothing: we connect to it and have it dial (ami_link.go),
// and the room ami follows its channels.
func asterisk() Dialect {
	return Dialect{
		Name:   "ami",
		Title:  "Asterisk manager interface: we connect to the PBX",
		Theirs: true,
		Settings: []Setting{
			{amiAddress, "host and port of the manager interface; the port is 5038 unless given"},
			{amiUser, "its user name in manager.conf"},
			{amiContexts, "contexts of our own telephones, such as from-internal; any unless set, and a telephone is who has a name of 2 to 6 digits"},
			{amiChannel, "how to ring a telephone for click-to-call; PJSIP/{extension} unless set"},
			{amiNumbers, "how the dialplan wants numbers dialled: digits (74950000011, unless set), plus (+74950000011), national (84950000011)"},
		},
		connects: newAMILink,
		dials:    true,
		needs:    []string{amiAddress},
		paste: func(p Address) Paste {
			return Paste{URL: p.Source.Settings[amiAddress], Lines: []string{
				"/etc/asterisk/manager.conf, [general]: enabled = yes",
				"A section of its own: [" + cmp.Or(p.Source.Settings[amiUser], "callhue") + "], secret = the secret of this source, read = call, write = call,originate,reporting",
				"permit only the address of this server, then: asterisk -rx 'manager reload'. Nothing has to be pasted: we connect.",
			}}
		},
	}
}

const (
	amiAddress  = "address"
	amiUser     = "user"
	amiContexts = "contexts"
	amiChannel  = "channel"
	amiNumbers  = "numbers"

	amiPort       = "5038"
	amiExtension  = "{extension}" // its place in amiChannel
	amiAnyChannel = "PJSIP/" + amiExtension
)

// amiHost gives the address with its port.
func amiHost(address string) (string, error) {
	if address == "" {
		return "", fault.Invalid("settings."+amiAddress, "required")
	}
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address, nil
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), amiPort), nil
}

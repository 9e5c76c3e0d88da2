package dialects

import (
	"strings"

	"callhue/internal/web"
	"callhue/lookup/query"
)

// sqlLookup asks the customer's own tables whose a number is. See package lookup/external.
func sqlLookup() Dialect {
	return Dialect{
		Name:         SQL,
		Title:        web.Say("Свои таблицы: запрос SQL", "Your own tables: a query of SQL"),
		Settings:     sqlSettings(),
		Required:     []string{lookupEngine, lookupDatabase, lookupQuery},
		Check:        checkSQL,
		NoCalls:      true,
		Answers:      true,
		Authenticate: authenticateChange,
		Parse:        parseChange,
		ReadsBody:    func(map[string]string) bool { return true },
		Setup:        setupSQL,
	}
}

func sqlSettings() []Setting {
	list := []Setting{
		{Name: lookupEngine, Kind: KindChoice, Choices: query.Engines(), Topic: TopicConnection,
			Label: web.Say("База данных", "Database"),
			Hint:  web.Say("mysql — также MariaDB.", "mysql: MariaDB too.")},
		{Name: lookupHost, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Сервер", "Server"),
			Hint: web.Say("Например db.example:3306, или путь к сокету; для SQLite не нужен.",
				"Such as db.example:3306, or the path of a socket; not for SQLite."),
			valid: isDatabaseHost},
		{Name: lookupDatabase, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Имя базы", "Database name"),
			Hint:  web.Say("Для SQLite — путь к файлу.", "For SQLite the path of the file.")},
		{Name: lookupUser, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Пользователь базы", "Database user"),
			Hint:  web.Say("Только с правом SELECT.", "With the right SELECT alone.")},
		{Name: lookupPassword, Kind: KindSecret, Topic: TopicConnection,
			Label: web.Say("Пароль", "Password")},
		{Name: lookupTLS, Kind: KindChoice, Topic: TopicRare,
			Choices: []string{"off", "on", "unverified"}, Default: "off",
			Label: web.Say("Шифрование", "Encryption"),
			Hint: web.Say("on — с проверкой сертификата, unverified — без проверки.",
				"on: the certificate is checked; unverified: it is not.")},
		{Name: lookupQuery, Kind: KindQuery, Topic: TopicConnection,
			Label: web.Say("Запрос", "Query"),
			Hint: web.Say("Один SELECT; номер — :number, :e164, :digits, :national, :local10, :last10 или "+
				"IN (:numbers). Столбцы назовите id, name, owner, status и так далее (AS).",
				"One SELECT; the number is :number, :e164, :digits, :national, :local10, :last10 or IN (:numbers). "+
					"Name the columns id, name, owner, status and so on (AS).")},
	}
	list = append(list, fieldSettings(web.Say("Столбец", "A column"), nil)...)
	return append(list, commonLookupSettings()...)
}

// isDatabaseHost reports whether a text is a host with or without a port, or the path of a socket.
func isDatabaseHost(value string) bool {
	return strings.HasPrefix(value, "/") || !strings.ContainsAny(value, "/?#@ ")
}

func setupSQL(a Address) Setup {
	steps := []Step{
		note("Создайте в базе пользователя с правом только SELECT на нужные таблицы: "+
			"Callhue ничего не пишет и не копирует.",
			"Create a database user with the right SELECT on the tables in question, and no other: "+
				"Callhue writes nothing and copies nothing."),
	}
	if grant := grantOf(a.Settings); grant != "" {
		steps = append(steps, enter(grant, "Например, администратором базы:",
			"For example, as the database's administrator:"))
	}
	return Setup{URL: databaseAddress(a.Settings), Steps: append(append(steps, tryStep), changeSteps(a)...)}
}

// databaseAddress returns where the database is, without the password.
func databaseAddress(settings map[string]string) string {
	if settings[lookupEngine] == string(query.SQLite) {
		return settings[lookupDatabase]
	}
	return settings[lookupHost] + " " + settings[lookupDatabase]
}

// grantOf returns the statements that make the database user; "" where there is none.
func grantOf(settings map[string]string) string {
	user, database := settings[lookupUser], settings[lookupDatabase]
	if user == "" {
		user = "callhue"
	}
	switch query.Engine(settings[lookupEngine]) {
	case query.MySQL:
		return "CREATE USER '" + user + "'@'%' IDENTIFIED BY 'PASSWORD';\n" +
			"GRANT SELECT ON `" + database + "`.* TO '" + user + "'@'%';"
	case query.PostgreSQL:
		return "CREATE ROLE " + user + " LOGIN PASSWORD 'PASSWORD';\n" +
			"ALTER ROLE " + user + " SET default_transaction_read_only = on;\n" +
			"GRANT USAGE ON SCHEMA public TO " + user + ";\n" +
			"GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + user + ";"
	case query.SQLServer:
		return "CREATE LOGIN " + user + " WITH PASSWORD = 'PASSWORD';\n" +
			"USE [" + database + "];\nCREATE USER " + user + " FOR LOGIN " + user + ";\n" +
			"ALTER ROLE db_datareader ADD MEMBER " + user + ";\nALTER ROLE db_denydatawriter ADD MEMBER " + user + ";"
	}
	return ""
}

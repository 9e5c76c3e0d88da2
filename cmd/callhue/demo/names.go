package demo

import "strings"

// The words of which the names of invented clients are made: two at random make a name.

func words(text string) []string { return strings.Fields(text) }

func firmStems() []string {
	return words(`Альтаир Амфора Аргон Астра Бирюза Брусника Василёк Вереск Вершина Веста Волна Гавань Галеон Гвоздика
		Горизонт Дубрава Ельник Жемчуг Заря Зенит Зодиак Изумруд Импульс Искра Калина Каскад Кедр Клевер Компас Кристалл
		Лазурь Лотос Магнит Мелодия Меридиан Мозаика Нева Одуванчик Орбита Орион Парус Пион Планета Полюс Причал Радуга
		Ракурс Резонанс Родник Рубин Рябина Сатурн Сирень Сокол Спектр Тополь Топаз Факел Фиалка Форвард Черёмуха Юпитер
		Явор Якорь Янтарь Ясень`)
}

func firmTails() []string {
	return words(`Авто Агро Групп Дизайн Инвест Комплект Логистик Мебель Медиа Монтаж Опт Партнёр Плюс Проект Ресурс
		Сервис Склад Снаб Софт Строй Текстиль Техно Торг Транс Трейд Упак Фарм Центр Экспо Юг`)
}

func englishStems() []string {
	return words(`Amber Birch Bluebell Cedar Clover Copper Dunlin Ember Fern Finch Foxglove Granite Hazel Heron Ivory Juniper
		Kestrel Lantern Linden Lupin Magpie Maple Marigold Meadow Nettle Otter Pebble Plover Quill Rowan Saffron Skylark
		Sparrow Teasel Thistle Tulip Walnut Willow Wren Yarrow`)
}

func englishTails() []string {
	return words(`Books Ceramics Dairy Design Engines Foods Freight Glass Joinery Lighting Logistics Mills Optics Packaging
		Papers Partners Seeds Tools Trading Works`)
}

// vocabulary has the names, posts and errands of the clients of one language.
type vocabulary struct {
	surnames   []string
	feminine   string // what a woman's surname ends in
	men, women []string
	posts      []string
	errands    []string
}

func russians() vocabulary {
	return vocabulary{
		surnames: words(`Абрамов Алексеев Андреев Антонов Баранов Беляев Богданов Борисов Быков Васильев Виноградов Воробьёв Гаврилов
		Герасимов Голубев Григорьев Гусев Данилов Денисов Ершов Жуков Зайцев Захаров Калинин Карпов Ковалёв Колесов Комаров
		Королёв Крылов Лазарев Лебедев Логинов Макаров Мартынов Медведев Миронов Михайлов Назаров Новиков Осипов Павлов Поляков
		Попов Родионов Романов Рябов Савельев Семёнов Сергеев Соловьёв Степанов Тарасов Титов Филиппов Фомин Фролов Царёв Шестаков Щукин`),
		feminine: "а", // every surname of the list takes it
		men:      words("Александр Алексей Артём Борис Вадим Виктор Георгий Денис Егор Иван Кирилл Константин Леонид Михаил Никита Роман Степан Тимур Фёдор Юрий"),
		women:    words("Алина Валентина Вероника Галина Дарья Евгения Екатерина Жанна Зинаида Ирина Кира Ксения Лариса Людмила Маргарита Надежда Полина Светлана Тамара Юлия"),
		posts: []string{"Директор", "Закупки", "Бухгалтер", "Снабжение", "Секретарь", "Склад",
			"Коммерческий директор", "Маркетинг", ""},
		errands: []string{"Заявка с сайта", "Обратный звонок", "Выставка", "Рекомендация", "Холодная база", "Вебинар"},
	}
}

func britons() vocabulary {
	return vocabulary{
		surnames: words(`Adams Bailey Bennett Carter Clarke Collins Cooper Davies Edwards Evans Foster Gibson Gray Green Hall Hughes
		Jackson Kelly King Lewis Martin Mills Moore Parker Price Reed Roberts Scott Turner Wood`),
		men:   words("Arthur Edward George Isaac James Leo Oscar Samuel Thomas Walter"),
		women: words("Amelia Charlotte Eleanor Frances Hannah Jane Lucy Martha Nora Violet"),
		posts: []string{"Director", "Purchasing", "Accounts", "Operations", "Reception", "Warehouse", "Marketing",
			""},
		errands: []string{"Web form", "Call back", "Trade fair", "Referral", "Cold list", "Webinar"},
	}
}

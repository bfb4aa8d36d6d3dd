package ui

import (
	"cmp"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

// zone is where the kiosk stands: Vietnam has one time zone and no summer time.
var zone = time.FixedZone("ICT", 7*60*60)

func clock(t time.Time) string { return t.In(zone).Format("15:04") }
func day(t time.Time) string   { return t.In(zone).Format("02/01/2006") }

var _ = draws((*page).idle)

// idle waits for a visitor: where to hold the code, and what else there is to
// do.
func (p *page) idle(v checkpoint.Idle) {
	r := p.head(p.t("idle.title"), noWay)
	r = p.foot(r, p.services(v)...)
	main := p.t("idle.aim")
	switch {
	case v.NoReader:
		p.idleWithoutReader(r, v)
		return
	case v.Hint != "":
		main = p.t("hint." + string(v.Hint))
	}
	if p.area().tall() {
		r = p.flow(r, main, p.main().across(), p.Gap)
		news, rest := r.bottom(p.Touch*1.75, p.Gap)
		p.news(news, v)
		p.camera(rest.centre(min(rest.w, rest.h*4/3), rest.h), v.Hint != "")
		return
	}
	width := min(r.w*0.47, r.h*4/3)
	left, right := r.left(width, p.Margin)
	p.camera(left, v.Hint != "")
	news, right := right.bottom(p.Touch*1.75, p.Gap)
	p.text(right, main, p.main().mid().between(p.Main, p.Main*1.4))
	p.news(news, v)
}

// idleWithoutReader invites no one to hold up a code that nothing reads.
func (p *page) idleWithoutReader(r rect, v checkpoint.Idle) {
	news, r := r.bottom(p.Touch*1.75, p.Gap)
	p.news(news, v)
	said, then := r.top(r.h*0.45, p.Gap)
	p.text(said, p.t("idle.no-reader"), p.main().mid().between(p.Main*0.9, p.Main*1.2))
	instead := "idle.no-reader.then"
	if len(v.Services) == 0 {
		instead = "idle.no-reader.staff"
	}
	p.text(then, p.t(instead), p.body())
}

// camera is the picture to aim in.
func (p *page) camera(r rect, seen bool) {
	c := theme.White
	if seen {
		c = theme.Amber
	}
	p.add(p.host.preview.Object(), r)
	p.host.preview.Open(int(r.w), int(r.h), int(p.Line*3), c)
	p.live = true
}

var serviceIcons = map[checkpoint.Service]string{
	checkpoint.Declare: "declare", checkpoint.Register: "tube", checkpoint.Results: "search", checkpoint.Vaccination: "syringe",
}

func (p *page) services(v checkpoint.Idle) (buttons []choice) {
	for i, s := range v.Services {
		c := choice{
			label: p.t("service." + string(s)), icon: cmp.Or(serviceIcons[s], "list"), above: true,
			least: p.Small, most: p.Body * 0.86, tap: p.host.tap(checkpoint.TapService, string(s)),
		}
		if i == 0 {
			c.face = mainFace
		}
		buttons = append(buttons, c)
	}
	return buttons
}

// direction is which way the next visitor is counted, where that may be chosen.
func (p *page) direction(bar rect, v checkpoint.Idle) rect {
	if len(v.Directions) < 2 {
		return bar
	}
	other := v.Directions[0]
	for i, d := range v.Directions {
		if d == v.Direction {
			other = v.Directions[(i+1)%len(v.Directions)]
		}
	}
	at, rest := bar.right(p.Touch*1.9, p.Gap*0.5)
	p.key(at, at.inset(p.Gap*0.4), choice{
		label: p.t("idle.direction." + v.Direction.String()), icon: "door", least: p.Small * 0.9, most: p.Small * 0.95,
		tap: p.host.tap(checkpoint.TapDirection, other.String()),
	})
	return rest
}

// news is the 5K message whose turn it is, and the codes for those with a
// phone.
func (p *page) news(r rect, v checkpoint.Idle) {
	if v.Message == (checkpoint.Message{}) && len(v.Links) == 0 {
		return
	}
	links := v.Links
	if room := int(max(1, (r.w-p.Touch*3)/r.h)); len(links) > room { // one after the other, with the messages
		first := p.host.messages % len(links)
		links = append(slices.Clone(links[first:]), links[:first]...)[:room]
	}
	for _, l := range links {
		var at rect
		at, r = r.right(r.h-p.Small*0.6, p.Gap)
		label, code := at.bottom(p.Small*0.8*pitch, 0)
		p.qr(code, l.URL)
		p.text(label, p.code("link", l.ID), p.small().centred().in(theme.Muted).between(p.Small*0.7, p.Small*0.8))
	}
	if v.Message.Text == "" {
		return
	}
	source, body := r.bottom(p.Small*0.85*pitch, 0)
	p.text(source, p.t("message.source", "source", v.Message.Source, "date", day(v.Message.Date)), p.small().in(theme.Muted).between(p.Small*0.7, p.Small*0.85))
	p.text(body, v.Message.Text, p.body().bolder().mid().in(theme.Green).between(p.Small, p.Body))
}

// verdicts are ground, icon and tone of each level.
var verdicts = map[checkpoint.Level]struct {
	ground colour
	icon   string
}{
	checkpoint.Green: {theme.Green, "tick"},
	checkpoint.Amber: {theme.Amber, "alert"},
	checkpoint.Red:   {theme.Red, "cross"},
}

var _ = draws((*page).shown)

// shown is the verdict, in one glance: colour, icon, word, and what to do.
func (p *page) shown(v checkpoint.Shown) {
	level := verdicts[v.Level]
	p.ground = level.ground
	r := p.head(p.t("family."+v.Family), toHome)
	_, r = r.bottom(p.Margin, 0)
	p.drain()
	pic, words := r.left(min(r.w*0.3, r.h*0.8), p.Margin*1.5)
	if p.area().tall() {
		pic, words = r.top(min(r.w*0.6, r.h*0.34), p.Margin)
	}
	p.badge(pic, level.icon, theme.On(level.ground), level.ground)
	p.spoken(words, p.verdictWords(v))
}

// verdictWords are what a verdict says, from the largest to the smallest.
func (p *page) verdictWords(v checkpoint.Shown) []sentence {
	level := v.Level.String()
	next := p.t("shown.next." + level)
	switch {
	case v.Level == checkpoint.Red:
	case v.Level == checkpoint.Green && v.Direction == checkpoint.Out:
		next = p.t("shown.next.out")
	case v.More:
		next = p.t("shown.more")
	}
	s := []sentence{{next, p.main().between(p.Main, p.Main*1.5)}}
	if v.Level == checkpoint.Red {
		s = append(s, sentence{p.t("shown.then.red"), p.body().bolder().between(p.Body, p.Body*1.25)})
	}
	if v.Name != "" {
		s = append(s, sentence{v.Name, p.body().bolder().between(p.Body, p.Body*1.25)})
	}
	switch {
	case v.Overruled:
		s = append(s, sentence{p.t("shown.overruled"), p.body()})
	case len(v.Reasons) > 0:
		s = append(s, sentence{p.code("reason", v.Reasons[0].Code), p.body()})
		if act := "act." + v.Reasons[0].Code; v.Level != checkpoint.Green && !v.More && p.host.language().Has(act) {
			s = append(s, sentence{p.t(act), p.body().bolder()})
		}
	}
	if v.Heat > 0 {
		s = append(s, sentence{p.t("shown.heat", "heat", p.host.language().Decimal(v.Heat)), p.body()})
	}
	if v.Party > 1 {
		s = append(s, sentence{p.t("shown.party", "people", number(v.Party)), p.body()})
	}
	note := p.small().between(p.Small, p.Small*1.15)
	said := len(v.Reasons) > 0 && v.Reasons[0].Code == "forged"
	if text := p.standing(v); text != "" && !said {
		s = append(s, sentence{text, note})
	}
	switch {
	case v.Again:
		s = append(s, sentence{p.t("shown.again"), note})
	case v.Stale:
		s = append(s, sentence{p.t("shown.stale"), note})
	}
	return s
}

// standing words what a signature is worth: it holds, it cannot be checked and why,
// it does not hold, or there is no signature.
func (p *page) standing(v checkpoint.Shown) string {
	switch v.Proof {
	case checkpoint.Vouched:
		return ""
	case checkpoint.Unverified:
		return p.code("standing", v.Why)
	case checkpoint.Unsigned:
		return p.t("shown.unproven")
	}
	return p.t("shown." + string(v.Proof))
}

// sentence is a text and how it is to look.
type sentence struct {
	text  string
	style style
}

// spoken sets sentences under one another, as a block in the middle of r. Where
// there is not room for all at their largest, all shrink alike.
func (p *page) spoken(r rect, all []sentence) {
	tall := p.area().tall()
	set := func(s sentence, factor float32) style {
		s.style.most = max(s.style.least, s.style.most*factor)
		if tall {
			s.style.align = fyne.TextAlignCenter
		}
		return s.style
	}
	factor, total := float32(1), float32(0)
	var heights []float32
	for ; factor > 0.5; factor -= 0.05 {
		heights, total = nil, -p.Gap
		for _, s := range all {
			lines, size, _ := set(s, factor).fit(s.text, r.w, r.h)
			h := s.style.height(len(lines), size)
			heights = append(heights, h)
			total += h + p.Gap
		}
		if total <= r.h {
			break
		}
	}
	y := r.y + max(0, (r.h-total)/2)
	if tall { // near the picture above
		y = r.y + max(0, min((r.h-total)/2, p.Margin))
	}
	for i, s := range all {
		p.text(rect{r.x, y, r.w, min(heights[i]+1, r.y+r.h-y)}, s.text, set(s, factor))
		y += heights[i] + p.Gap
	}
}

// notice is a screen that says one thing: a picture, sentences, buttons.
type notice struct {
	title   string
	way     way
	icon    string
	ground  colour // of the icon
	say     []sentence
	foot    []choice
	picture func(rect) // instead of the icon
}

func (p *page) notice(n notice) {
	r := p.head(n.title, n.way)
	r = p.foot(r, n.foot...)
	p.drain()
	pic, words := r.left(min(r.w*0.28, r.h*0.75), p.Margin*1.5)
	if p.area().tall() {
		pic, words = r.top(min(r.w*0.5, r.h*0.32), p.Margin)
	}
	if n.picture != nil {
		n.picture(pic)
	} else {
		p.badge(pic.centre(min(pic.w, pic.h), min(pic.w, pic.h)), n.icon, n.ground, theme.On(n.ground))
	}
	p.spoken(words, n.say)
}

func (p *page) mainly(key string, fill ...string) sentence {
	return sentence{p.t(key, fill...), p.main()}
}

func (p *page) then(key string, fill ...string) sentence {
	return sentence{p.t(key, fill...), p.body()}
}

var _ = draws((*page).checking)

func (p *page) checking(checkpoint.Checking) {
	p.notice(notice{title: p.t("idle.title"), icon: "scan", ground: theme.Green, say: []sentence{p.mainly("checking"), p.then("checking.then")}})
}

var _ = draws((*page).oneMoment)

func (p *page) oneMoment(checkpoint.OneMoment) {
	p.notice(notice{title: p.t("idle.title"), icon: "clock", ground: theme.Ink, say: []sentence{p.mainly("one-moment"), p.then("one-moment.then")}})
}

var _ = draws((*page).notADocument)

// notADocument asks for another code, while the camera is seen.
func (p *page) notADocument(checkpoint.NotADocument) {
	p.scan(scan{title: p.t("idle.title"), way: toHome, say: []sentence{p.mainly("not-a-document"), p.then("not-a-document.then")}})
}

var _ = draws((*page).gathering)

// gathering asks for the other codes of a paper, while the camera is seen.
func (p *page) gathering(v checkpoint.Gathering) {
	p.scan(scan{
		title: p.t("idle.title"), way: toHome,
		say: []sentence{{p.t("gathering", "read", number(v.Read), "of", number(v.Of)), p.main()}, p.then("gathering.then")},
	})
}

var _ = draws((*page).measuring)

func (p *page) measuring(checkpoint.Measuring) {
	p.notice(notice{title: p.t("idle.title"), way: toHome, icon: "person", ground: theme.Green, say: []sentence{p.mainly("measuring"), p.then("measuring.then")}})
}

var _ = draws((*page).unchecked)

func (p *page) unchecked(v checkpoint.Unchecked) {
	p.notice(notice{
		title: p.t("idle.title"), way: toHome, icon: "info", ground: theme.Ink,
		say: []sentence{p.mainly("unchecked"), {p.code("unchecked", v.Problem), p.body()}, p.then("unchecked.then")},
	})
}

var _ = draws((*page).away)

func (p *page) away(v checkpoint.Away) {
	p.anywhere(p.host.tap(checkpoint.TapHere, ""))
	p.notice(notice{
		title: p.t("away.title"), icon: "clock", ground: theme.Amber,
		say:  []sentence{p.mainly("away"), p.then("away.then")},
		foot: []choice{p.do("away.end", "close", checkpoint.TapHome, ""), p.next("away.here", checkpoint.TapHere, "")},
		picture: func(r rect) {
			r = r.square()
			p.panel(r, theme.Amber, none)
			s := p.main().bolder().in(theme.Black).centred()
			s.most = r.w * 0.5
			p.tickingText(r, s, func(s checkpoint.State) string {
				return number(max(0, int(v.Until.Sub(s.Now).Seconds()+0.999)))
			})
		},
	})
}

var _ = draws((*page).discard)

// discard asks before what was entered is erased.
func (p *page) discard(v checkpoint.Discard) {
	then := p.then("discard.then")
	if v.Party {
		then = p.then("discard.party")
	}
	yes := p.do("discard.yes", "cross", checkpoint.TapAgree, "")
	yes.face = stopFace
	p.notice(notice{
		title: p.t("discard.title"), icon: "alert", ground: theme.Amber, say: []sentence{p.mainly("discard"), then},
		foot: []choice{yes, p.next("discard.no", checkpoint.TapBack, "")},
	})
}

var _ = draws((*page).help)

func (p *page) help(v checkpoint.Help) {
	say := []sentence{p.mainly("help.how")}
	say = append(say, sentence{p.code("help", v.Screen), p.body()})
	call := p.next("help.call", checkpoint.TapCall, "")
	call.icon = "bell"
	if v.Called {
		p.flash()
		say = []sentence{p.mainly("help.called"), p.then("help.called.then")}
		call = p.next("help.done", checkpoint.TapBack, "")
	}
	buttons := []choice{p.do("help.staff", "lock", checkpoint.TapStaff, ""), call}
	if p.host.state.Staff.Number != "" {
		buttons = buttons[1:]
	}
	p.notice(notice{title: p.t("help"), way: toBack, icon: "help", ground: theme.Green, say: say, foot: buttons})
}

var _ = draws((*page).outOfOrder)

func (p *page) outOfOrder(v checkpoint.OutOfOrder) {
	say := []sentence{p.mainly("out-of-order"), p.then("out-of-order.then")}
	for _, c := range v.Conditions {
		say = append(say, sentence{p.code("condition", c.Code) + " · " + c.Code, p.small()})
	}
	p.notice(notice{title: p.t("idle.title"), icon: "wrench", ground: theme.Red, say: say})
}

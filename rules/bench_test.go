package rules

import "testing"

// benchScenes are the usual cases of the hot path, from cheap to dear.
func benchScenes() []struct {
	name  string
	scene Scene
} {
	many := found()
	for i := range int64(20) {
		co(1+i, Foreign, EffectRed, direct(march-i), through(100+i, march))(&many)
		ct(100+i, Foreign, 1+i)(&many)
		ld(200+i, Foreign, 0)(&many)
	}
	return []struct {
		name  string
		scene Scene
	}{
		{"unknown", found()},
		{"lead", found(ld(21, Foreign, 0))},
		{"red", found(co(1, Foreign, EffectRed, direct(january)))},
		{"red via contact", found(co(1, Foreign, EffectRed, through(11, january)), ct(11, Foreign, 1))},
		{"shared", found(co(1, Own, EffectRed, direct(january)), co(2, Foreign, EffectRed, direct(march)))},
		{"60 records", many},
	}
}

func BenchmarkJudge(b *testing.B) {
	policy := Default()
	for _, bench := range benchScenes() {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Judge(bench.scene, policy)
			}
		})
	}
}

func BenchmarkWords(b *testing.B) {
	v := Judge(found(co(1, Foreign, EffectRed, direct(january))), Default())
	for _, lang := range []string{"en", "ru"} {
		b.Run(lang, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Words(v, lang, fullNames)
			}
		})
	}
}

// A verdict allocates its list of records and nothing else. The numbers may
// only go down.
func TestJudgeAllocations(t *testing.T) {
	policy := Default()
	most := map[string]float64{"unknown": 0, "lead": 1, "red": 1, "red via contact": 1, "shared": 1, "60 records": 7}
	for _, bench := range benchScenes() {
		got := testing.AllocsPerRun(100, func() { Judge(bench.scene, policy) })
		if want, known := most[bench.name]; !known || got > want {
			t.Errorf("%s: %v allocations, at most %v are allowed", bench.name, got, want)
		}
	}
}

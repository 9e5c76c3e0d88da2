package importexport

import "time"

// pace decides how many rows a transaction writes. While it holds the write lock of SQLite no call event is stored: a
// transaction is to last about 40 ms, whatever the machine and the rows.
type pace struct{ size int }

const (
	paceLeast  = 50
	paceFirst  = 250
	paceTarget = 40 * time.Millisecond
)

func newPace() pace { return pace{paceFirst} }

// took adapts the size to how long a transaction of n rows lasted. It grows by half at most and shrinks at once.
func (p *pace) took(n int, lasted time.Duration) {
	if n < p.size/2 {
		return // the rest of a batch says little
	}
	fit := int(float64(n) * float64(paceTarget) / float64(max(lasted, time.Millisecond)))
	p.size = min(max(min(fit, p.size*3/2), paceLeast), batchSize)
}

package playground

import (
	"math"
	"sync"
)

// bucket is a token bucket on the session's clock. It takes no time of its own and no lock, which with each segment that
// crosses, and each Read and Write, would be most of what package rate costs.
type bucket struct {
	rate, burst, tokens float64 // rate is a second's
	at                  int64
}

func newBucket(rate, burst float64) bucket { return bucket{rate: rate, burst: burst, tokens: burst} }

// take says whether there is a token.
func (b *bucket) take(at int64) bool {
	if at > b.at {
		b.tokens = min(b.burst, b.tokens+float64(at-b.at)*b.rate/1e9)
		b.at = at
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// next is when there will be a token again, if none is taken before.
func (b *bucket) next() int64 { return b.at + int64(math.Ceil((1-b.tokens)*1e9/b.rate)) }

// sharedBucket is a bucket that many goroutines take from.
type sharedBucket struct {
	mu     sync.Mutex
	bucket bucket
}

func (b *sharedBucket) take(at int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bucket.take(at)
}

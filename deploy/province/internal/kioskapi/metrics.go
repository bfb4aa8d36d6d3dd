package kioskapi

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chot/store/wire"
)

// Metrics are the kiosks' side in numbers. No label names a kiosk or a person.
type Metrics struct {
	batches *prometheus.CounterVec
	took    prometheus.Histogram
	bytes   prometheus.Counter
}

// NewMetrics registers the metrics.
func NewMetrics(to prometheus.Registerer) *Metrics {
	m := &Metrics{
		batches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chot_batches_total", Help: "Batches by answer: receipt, or the code of the refusal.",
		}, []string{"answer"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chot_batch_seconds", Help: "Time from a batch's first byte to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.002, 2, 15),
		}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{Name: "chot_batch_bytes_total", Help: "Bytes of batches that were read."}),
	}
	to.MustRegister(m.batches, m.took, m.bytes)
	return m
}

func (m *Metrics) batch(took time.Duration, bytes int, err error) {
	answer := "receipt"
	var refused *wire.Error
	switch {
	case errors.As(err, &refused):
		answer = string(refused.Code)
	case err != nil:
		answer = "failed"
	}
	m.batches.WithLabelValues(answer).Inc()
	m.took.Observe(took.Seconds())
	m.bytes.Add(float64(bytes))
}

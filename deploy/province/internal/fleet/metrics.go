package fleet

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"
)

// Collector counts kiosks and their alerts for Prometheus, when it asks.
type Collector struct {
	DB  *bun.DB
	Now func() time.Time
	Log *slog.Logger
}

var (
	kiosks = prometheus.NewDesc("chot_kiosks", "Kiosks that are enrolled and not revoked.", nil, nil)
	alerts = prometheus.NewDesc("chot_kiosk_alerts", "Kiosks with an alert, by its code; those that kiosks report themselves together.", []string{"code"}, nil)
)

// Describe implements prometheus.Collector.
func (c *Collector) Describe(to chan<- *prometheus.Desc) { to <- kiosks; to <- alerts }

// patience bounds what Prometheus waits for.
const patience = 5 * time.Second

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	all, err := list(ctx, c.DB, c.Now(), func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("k.revoked = 0") })
	if err != nil {
		c.Log.Error("the kiosks were not counted", "error", err)
		return
	}
	counts := map[string]int{"reported": 0}
	for _, r := range rules {
		counts[r.code] = 0
	}
	for _, s := range all {
		for _, a := range s.Alerts {
			if a.Reported {
				counts["reported"]++
			} else {
				counts[a.Code]++
			}
		}
	}
	to <- prometheus.MustNewConstMetric(kiosks, prometheus.GaugeValue, float64(len(all)))
	for code, n := range counts {
		to <- prometheus.MustNewConstMetric(alerts, prometheus.GaugeValue, float64(n), code)
	}
}

package condition

import "time"

// The conditions. Rows that others depend on stand first.
var (
	// Unknown is a fault that a driver reports and this registry does not know.
	Unknown = register(Condition{Code: "other", Severity: Warning})

	NetworkDown = register(Condition{Code: "network-down", Severity: Notice})

	CameraGone      = register(Condition{Code: "camera-gone", Severity: Warning})
	ScannerGone     = register(Condition{Code: "scanner-gone", Severity: Warning})
	ThermometerGone = register(Condition{Code: "thermometer-gone", Severity: Warning})
	SpeakerFailed   = register(Condition{Code: "speaker-failed", Severity: Notice})

	PanelFailed   = register(Condition{Code: "panel-failed", Severity: Warning})
	LampFailed    = register(Condition{Code: "lamp-failed", Severity: Warning, DependsOn: []*Condition{PanelFailed}})
	BuzzerFailed  = register(Condition{Code: "buzzer-failed", Severity: Warning, DependsOn: []*Condition{PanelFailed}})
	BarrierFailed = register(Condition{Code: "barrier-failed", Severity: Warning, DependsOn: []*Condition{PanelFailed}})
	ButtonFailed  = register(Condition{Code: "button-failed", Severity: Warning, DependsOn: []*Condition{PanelFailed}})
	DoorFailed    = register(Condition{Code: "door-failed", Severity: Warning, DependsOn: []*Condition{PanelFailed}})

	// Problems of drivers/printer, which names them after "printer-".
	PrinterOffline    = register(Condition{Code: "printer-offline", Severity: Warning})
	PrinterPaperOut   = register(Condition{Code: "printer-paper-out", Severity: Warning})
	PrinterHeadOpen   = register(Condition{Code: "printer-head-open", Severity: Warning})
	PrinterRibbonOut  = register(Condition{Code: "printer-ribbon-out", Severity: Warning})
	PrinterJammed     = register(Condition{Code: "printer-jammed", Severity: Warning})
	PrinterOverheated = register(Condition{Code: "printer-overheated", Severity: Warning})
	PrinterPaused     = register(Condition{Code: "printer-paused", Severity: Warning})

	JournalUnreadable = register(Condition{Code: "journal-unreadable", Severity: Warning})
	// JournalStalled is a write that hangs, JournalFailed one that failed, as on a
	// read-only disk: nothing that a visitor does could be kept.
	JournalStalled = register(Condition{Code: "journal-stalled", Severity: Blocking})
	JournalFailed  = register(Condition{Code: "journal-failed", Severity: Blocking})

	DiskFull   = register(Condition{Code: "disk-full", Severity: Blocking})
	BacklogOld = register(Condition{Code: "backlog-old", Severity: Notice})

	// TrustRefused is newer published data with a fault in it: the kiosk goes on
	// with what it had. TrustDamaged is a bundle that did not verify on the card: the
	// kiosk works by the one before it or by its defaults until it is fetched again.
	TrustRefused = register(Condition{Code: "trust-refused", Severity: Warning})
	TrustDamaged = register(Condition{Code: "trust-damaged", Severity: Warning})

	TrustStale = register(Condition{Code: "trust-stale", Severity: Notice})
	ClockUnset = register(Condition{Code: "clock-unset", Severity: Notice})

	// Problems of store/forward.
	ServerUnreachable = register(Condition{Code: "server-unreachable", Severity: Notice, DependsOn: []*Condition{NetworkDown}, Visible: 5 * time.Second})
	ServerOverBudget  = register(Condition{Code: "server-over-budget", Severity: Notice})
	ServerRefused     = register(Condition{Code: "server-refused", Severity: Warning})
	ServerForked      = register(Condition{Code: "server-forked", Severity: Warning})
	ServerBadReceipt  = register(Condition{Code: "server-bad-receipt", Severity: Warning})

	// Why a release did not last, as kiosk/update names it after "version-".
	VersionNotInstalled = register(Condition{Code: "version-not-installed", Severity: Notice})
	VersionNotStarted   = register(Condition{Code: "version-not-started", Severity: Notice})
	VersionNotHealthy   = register(Condition{Code: "version-not-healthy", Severity: Notice})
)

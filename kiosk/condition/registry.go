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
	DiskFull          = register(Condition{Code: "disk-full", Severity: Blocking})
	BacklogOld        = register(Condition{Code: "backlog-old", Severity: Notice})

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

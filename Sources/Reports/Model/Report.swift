import JSON

/// A report of format 1, the result of one plan. `ReportFormat` describes its fields.
///
/// Property names become keys by `JSONCoding`: `durationNs` is `duration_ns`. A value that does
/// not exist is nil, and `null` in the report.
package struct Report: Codable, Sendable, Equatable {
    /// The format that this program writes.
    package static let format = 1

    package var report = Report.format
    package var tool: ToolReport
    package var plan: PlanReport
    package var host: HostReport
    /// The other hosts; nil in reports of older versions.
    package var hosts: [OtherHostReport]?
    package var started: UTCTime
    package var finished: UTCTime
    package var status: ReportStatus
    package internal(set) var verdict: Verdict
    /// Sentences for the verdict, the deciding one first.
    package internal(set) var reasons: [String]
    /// Sentences that concern the figures and have no influence on the verdict.
    package internal(set) var notices: [String]
    package var runs: [RunReport]
    package var skipped: [SkippedRunReport]
    package var comparison: [ComparisonReport]

    package init(
        tool: ToolReport, plan: PlanReport, host: HostReport, hosts: [OtherHostReport] = [],
        started: UTCTime, finished: UTCTime, status: ReportStatus, judgement: Judgement,
        runs: [RunReport] = [],
        skipped: [SkippedRunReport] = [], comparison: [ComparisonReport] = []
    ) {
        self.tool = tool
        self.plan = plan
        self.host = host
        self.hosts = hosts
        self.started = started
        self.finished = finished
        self.status = status
        self.verdict = judgement.verdict
        self.reasons = judgement.reasons
        self.notices = judgement.notices
        self.runs = runs
        self.skipped = skipped
        self.comparison = comparison
    }
}

extension Report: Judgeable {
    package mutating func state(_ judgement: Judgement) {
        verdict = judgement.verdict
        reasons = judgement.reasons
        notices = judgement.notices
    }
}

/// A run that was skipped, because this host cannot make its network and the plan allows that.
package struct SkippedRunReport: Codable, Sendable, Equatable {
    package var scenario: String
    package var network: String
    package var `repeat`: Int
    package var reason: String

    package init(scenario: String, network: String, repeat: Int = 1, reason: String) {
        self.scenario = scenario
        self.network = network
        self.repeat = `repeat`
        self.reason = reason
    }
}

package enum ReportStatus: String, Codable, Sendable, CaseIterable {
    /// The report contains every run of the plan.
    case complete
    /// The plan was interrupted; the report contains the runs until then.
    case partial
}

/// The program that wrote the report.
package struct ToolReport: Codable, Sendable, Equatable {
    package var name: String
    package var version: String

    package init(name: String = "udplab", version: String) {
        self.name = name
        self.version = version
    }
}

/// The plan that was run, identified by the bytes read.
package struct PlanReport: Codable, Sendable, Equatable {
    package var name: String
    package var sha256: String
    package var seed: Int
    package var path: String
    /// The titles of the plan and its parts; nil in reports of older versions.
    package var titles: [PlanTitleReport]?
    /// The digest of the plan as it ran; nil, as the two below, in reports of older versions.
    package var effectiveSha256: String?
    package var variation: PlanVariationReport?
    package var effective: JSONValue?
    /// The plan's own `x-…` keys, unchanged.
    package var extras: JSONValue

    package init(
        name: String, sha256: String, seed: Int, path: String,
        titles: [PlanTitleReport]? = nil, effectiveSha256: String? = nil,
        variation: PlanVariationReport? = nil, effective: JSONValue? = nil,
        extras: JSONValue = .object([])
    ) {
        self.name = name
        self.sha256 = sha256
        self.seed = seed
        self.path = path
        self.titles = titles
        self.effectiveSha256 = effectiveSha256
        self.variation = variation
        self.effective = effective
        self.extras = extras
    }
}

/// The properties of this machine that influence the figures; nothing that identifies its owner.
package struct HostReport: Codable, Sendable, Equatable {
    package var kernel: String
    package var architecture: String
    package var cpus: Int
    package var cpuModel: String?
    package var memoryBytes: Int?
    package var rmemMax: Int?
    package var wmemMax: Int?
    package var icmpRatelimit: Int?
    package var icmpMsgsPerSec: Int?
    package var clockSource: String?
    package var clockResolutionNs: Int

    package init(
        kernel: String, architecture: String, cpus: Int, cpuModel: String? = nil,
        memoryBytes: Int? = nil, rmemMax: Int? = nil, wmemMax: Int? = nil,
        icmpRatelimit: Int? = nil, icmpMsgsPerSec: Int? = nil, clockSource: String? = nil,
        clockResolutionNs: Int
    ) {
        self.kernel = kernel
        self.architecture = architecture
        self.cpus = cpus
        self.cpuModel = cpuModel
        self.memoryBytes = memoryBytes
        self.rmemMax = rmemMax
        self.wmemMax = wmemMax
        self.icmpRatelimit = icmpRatelimit
        self.icmpMsgsPerSec = icmpMsgsPerSec
        self.clockSource = clockSource
        self.clockResolutionNs = clockResolutionNs
    }
}

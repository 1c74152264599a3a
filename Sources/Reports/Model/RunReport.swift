import JSON

/// The execution of a scenario on a network.
package struct RunReport: Codable, Sendable, Equatable {
    package var scenario: String
    package var network: String
    /// The number of the repeat, from 1.
    package var `repeat`: Int
    /// The seed of the run's seeded choices.
    package var seed: Int
    package internal(set) var verdict: Verdict
    /// Sentences for the verdict, the deciding one first.
    package internal(set) var reasons: [String]
    /// Sentences on parts that were not judged or could not be written; they have no influence on
    /// the verdict.
    package internal(set) var notices: [String]
    package var started: UTCTime
    package var durationNs: Int
    package var streams: [StreamReport]
    /// The messages of the senders of an unfinished run; nil for one that is over, and in reports
    /// of older versions.
    package var soFar: [SoFarReport]?
    /// The report of a scenario that is a battery, and has no streams.
    package var battery: BatteryReport?
    package var responder: ResponderReport?
    /// The single instances, if there are several.
    package var responders: [ResponderReport]
    package var relay: RelayReport?
    /// The details of a network that was made for the run.
    package var networkDetail: NetworkReport?
    package var timeline: [TimelineReport]
    package var thresholds: [ThresholdReport]
    package var workers: [WorkerReport]
    package var warnings: [String]

    package init(
        scenario: String, network: String, repeat: Int = 1, seed: Int = 0,
        judgement: Judgement = Judgement(), started: UTCTime, durationNs: Int,
        streams: [StreamReport] = [],
        battery: BatteryReport? = nil, responder: ResponderReport? = nil,
        responders: [ResponderReport] = [], relay: RelayReport? = nil,
        networkDetail: NetworkReport? = nil, timeline: [TimelineReport] = [],
        thresholds: [ThresholdReport] = [],
        workers: [WorkerReport] = [], warnings: [String] = []
    ) {
        self.scenario = scenario
        self.network = network
        self.repeat = `repeat`
        self.seed = seed
        self.verdict = judgement.verdict
        self.reasons = judgement.reasons
        self.notices = judgement.notices
        self.started = started
        self.durationNs = durationNs
        self.streams = streams
        self.battery = battery
        self.responder = responder
        self.responders = responders
        self.relay = relay
        self.networkDetail = networkDetail
        self.timeline = timeline
        self.thresholds = thresholds
        self.workers = workers
        self.warnings = warnings
    }
}

extension RunReport: Judgeable {
    package mutating func state(_ judgement: Judgement) {
        verdict = judgement.verdict
        reasons = judgement.reasons
        notices = judgement.notices
    }
}

/// An event of a run.
package struct TimelineReport: Codable, Sendable, Equatable {
    /// The time from the start of the run.
    package var atNs: Int
    /// The planned time from the start of the run; nil for an unplanned event.
    package var plannedNs: Int?
    package var event: String
    /// The worker or network concerned.
    package var subject: String?
    package var detail: String?

    package init(
        atNs: Int, plannedNs: Int? = nil, event: String, subject: String? = nil,
        detail: String? = nil
    ) {
        self.atNs = atNs
        self.plannedNs = plannedNs
        self.event = event
        self.subject = subject
        self.detail = detail
    }
}

/// A threshold, judged on one stream.
package struct ThresholdReport: Codable, Sendable, Equatable {
    package var sender: String
    /// The threshold as in the plan.
    package var expression: String
    /// The keys from the stream to the value, joined by dots: `rtt_ns.p99`.
    package var figure: String
    package var value: Double?
    /// Whether the threshold holds; nil if there is no value to judge.
    package var passed: Bool?

    package init(
        sender: String, expression: String, figure: String, value: Double?, passed: Bool?
    ) {
        self.sender = sender
        self.expression = expression
        self.figure = figure
        self.value = value
        self.passed = passed
    }
}

/// A process of the run.
package struct WorkerReport: Codable, Sendable, Equatable {
    package enum Role: String, Codable, Sendable, CaseIterable {
        case sender, responder, relay
        /// The process that held the network of the run.
        case network
        /// A responder that is the user's own program.
        case command
    }

    /// The exit of a process. Code and signal are both nil for a process that is not known to have
    /// ended.
    package struct Exit: Codable, Sendable, Equatable {
        package var code: Int?
        package var signal: Int?

        package init(code: Int? = nil, signal: Int? = nil) {
            self.code = code
            self.signal = signal
        }
    }

    package var role: Role
    package var name: String
    /// The other host on which it ran; nil for the runner's own, and in reports of older versions.
    package var host: String?
    package var pid: Int
    package var exit: Exit
    package var cpuSeconds: Double?
    package var maxRssBytes: Int?

    package init(
        role: Role, name: String, host: String? = nil, pid: Int, exit: Exit,
        cpuSeconds: Double? = nil,
        maxRssBytes: Int? = nil
    ) {
        self.role = role
        self.name = name
        self.host = host
        self.pid = pid
        self.exit = exit
        self.cpuSeconds = cpuSeconds
        self.maxRssBytes = maxRssBytes
    }
}

/// The responder's own report; nil for values that a third party's program does not report.
package struct ResponderReport: Codable, Sendable, Equatable {
    package var name: String
    /// The behaviour of udplab's responder; nil for a command.
    package var behaviour: String?
    /// The words of a command; nil for a behaviour.
    package var command: [String]?
    package var address: String
    package var received: Int?
    package var unique: Int?
    package var echoed: Int?
    package var echoFailed: Int?
    /// The rejected datagrams by reason.
    package var rejected: [String: Int]?
    package var drops: Int?
    package var receiveErrors: [String: Int]?
    package var receiveBufferAskedBytes: Int?
    package var receiveBufferGrantedBytes: Int?
    package var features: FeaturesReport?
    package var resets: ResponderResetsReport?
    package var stalls: StallsReport?
    /// The answers that are not the probes at once; nil if they are, and in reports of older
    /// versions.
    package var service: ServiceReport?
    /// The last lines of a command's output.
    package var outputTail: [String]

    package init(
        name: String, behaviour: String? = nil, command: [String]? = nil, address: String,
        received: Int? = nil, unique: Int? = nil, echoed: Int? = nil, echoFailed: Int? = nil,
        rejected: [String: Int]? = nil, drops: Int? = nil,
        receiveErrors: [String: Int]? = nil, receiveBufferAskedBytes: Int? = nil,
        receiveBufferGrantedBytes: Int? = nil, features: FeaturesReport? = nil,
        resets: ResponderResetsReport? = nil,
        stalls: StallsReport? = nil, outputTail: [String] = []
    ) {
        self.name = name
        self.behaviour = behaviour
        self.command = command
        self.address = address
        self.received = received
        self.unique = unique
        self.echoed = echoed
        self.echoFailed = echoFailed
        self.rejected = rejected
        self.drops = drops
        self.receiveErrors = receiveErrors
        self.receiveBufferAskedBytes = receiveBufferAskedBytes
        self.receiveBufferGrantedBytes = receiveBufferGrantedBytes
        self.features = features
        self.resets = resets
        self.stalls = stalls
        self.outputTail = outputTail
    }
}

extension RunReport {
    /// The responder, or its instances if there are several.
    package var eachResponder: [ResponderReport] {
        responders.isEmpty ? [responder].compactMap(\.self) : responders
    }
}

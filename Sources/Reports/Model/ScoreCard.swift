import JSON

/// What a battery says of one server: format 1 of `resilience`.
package struct ScoreCard: Codable, Sendable, Equatable {
    /// The format that this program writes.
    package static let format = 1

    package var resilience = ScoreCard.format
    package var tool: ToolReport
    package var server: ServerReport
    package var profile: String
    /// Of the random datagrams: the same seed makes the same ones.
    package var seed: Int
    package var host: HostReport
    package var started: UTCTime
    package var finished: UTCTime
    package var status: ReportStatus
    package internal(set) var verdict: Verdict
    /// Sentences for the verdict, the deciding one first.
    package internal(set) var reasons: [String]
    /// Sentences that decide nothing.
    package internal(set) var notices: [String]
    package var score: Score
    package var trials: [TrialReport]

    package init(
        tool: ToolReport, server: ServerReport, profile: String, seed: Int, host: HostReport,
        started: UTCTime, finished: UTCTime, status: ReportStatus, judgement: Judgement,
        trials: [TrialReport]
    ) {
        self.tool = tool
        self.server = server
        self.profile = profile
        self.seed = seed
        self.host = host
        self.started = started
        self.finished = finished
        self.status = status
        self.verdict = judgement.verdict
        self.reasons = judgement.reasons
        self.notices = judgement.notices
        self.trials = trials
        score = Score(trials)
    }

    /// What a run of a plan says of its battery.
    package var battery: BatteryReport {
        BatteryReport(profile: profile, server: server, score: score, trials: trials)
    }
}

extension ScoreCard: Judgeable {
    package mutating func state(_ judgement: Judgement) {
        verdict = judgement.verdict
        reasons = judgement.reasons
        notices = judgement.notices
    }
}

/// A battery as a run of a plan has it: the score card without what the report says already.
package struct BatteryReport: Codable, Sendable, Equatable {
    package var profile: String
    package var server: ServerReport
    package var score: Score
    package var trials: [TrialReport]
}

/// The server that was tried.
package struct ServerReport: Codable, Sendable, Equatable {
    /// The words that started it; nil when it ran already.
    package var command: [String]?
    package var address: String
    /// Where its answers went, when that was not to those who asked.
    package var answersAt: String?
    /// How often udplab started it; nil when it ran already.
    package var starts: Int?

    package init(command: [String]?, address: String, answersAt: String? = nil, starts: Int?) {
        self.command = command
        self.address = address
        self.answersAt = answersAt
        self.starts = starts
    }
}

/// How the trials ended.
package struct Score: Codable, Sendable, Equatable {
    package var pass = 0
    package var fail = 0
    package var degraded = 0
    package var notApplicable = 0

    init(_ trials: [TrialReport]) {
        func count(_ verdict: TrialVerdict) -> Int { trials.count { $0.verdict == verdict } }
        pass = count(.pass)
        fail = count(.fail)
        degraded = count(.degraded)
        notApplicable = count(.notApplicable)
    }
}

package enum TrialVerdict: String, Codable, Sendable, CaseIterable {
    case pass
    /// Not what the trial expects, and it matters.
    case fail
    /// The server lives and serves, and could do better.
    case degraded
    /// It could not be tried here, or means nothing for this server.
    case notApplicable = "not_applicable"
}

/// One trial: what was done, what was expected, what was seen, what to change.
package struct TrialReport: Codable, Sendable, Equatable {
    package var id: String
    package var title: String
    package var verdict: TrialVerdict
    /// Whether this outcome fails the profile.
    package var failsProfile: Bool
    package var did: String
    package var expected: String
    package var saw: String
    /// What the author of the server should change; nil where nothing is wrong.
    package var change: String?
    /// Whether udplab started the server again after the trial; nil when it is not udplab's.
    package var restarted: Bool?
    package var durationNs: Int
    /// What became of the datagrams of a trial that sends many; nil for the others.
    package var datagrams: TrialDatagrams?

    package init(
        id: String, title: String, verdict: TrialVerdict, failsProfile: Bool, did: String,
        expected: String, saw: String, change: String?, restarted: Bool?, durationNs: Int,
        datagrams: TrialDatagrams?
    ) {
        self.id = id
        self.title = title
        self.verdict = verdict
        self.failsProfile = failsProfile
        self.did = did
        self.expected = expected
        self.saw = saw
        self.change = change
        self.restarted = restarted
        self.durationNs = durationNs
        self.datagrams = datagrams
    }
}

/// `sent = answered + lost_in_server_buffer + lost_in_own_buffer + lost_elsewhere`, where an
/// account that cannot be known is nil and what it would hold is in `lost_elsewhere`.
package struct TrialDatagrams: Codable, Sendable, Equatable {
    package var sent = 0
    /// Different datagrams that were answered.
    package var answered = 0
    /// Answers beyond the first to one datagram.
    package var duplicates = 0
    /// Answers that were not what was asked.
    package var altered = 0
    /// Answers that went to another source than the one that had asked.
    package var misdirected = 0
    /// Refused by the full receive buffers at the server's address (/proc/net/udp); nil for a
    /// server on another host.
    package var lostInServerBuffer: Int?
    /// Refused by the full receive buffers of udplab's own sockets (SO_MEMINFO); nil when the
    /// kernel does not say.
    package var lostInOwnBuffer: Int?
    /// In no buffer that is known: by the server's program, or on the way.
    package var lostElsewhere = 0
    /// What this host did not send: no fault of the server's.
    package var unsent = 0

    package init() {}
}

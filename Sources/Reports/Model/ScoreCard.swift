import JSON

/// The result of a battery for one server: format 1 of `resilience`.
package struct ScoreCard: Codable, Sendable, Equatable {
    /// The format that this program writes.
    package static let format = 1

    package var resilience = ScoreCard.format
    package var tool: ToolReport
    package var server: ServerReport
    package var profile: String
    /// The seed of the random datagrams: the same seed makes the same ones.
    package var seed: Int
    package var host: HostReport
    package var started: UTCTime
    package var finished: UTCTime
    package var status: ReportStatus
    package internal(set) var verdict: Verdict
    /// Sentences for the verdict, the deciding one first.
    package internal(set) var reasons: [String]
    /// Sentences without influence on the verdict.
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

    /// The battery of a run of a plan.
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

/// A battery in a run of a plan: the score card without the fields that the report already has.
package struct BatteryReport: Codable, Sendable, Equatable {
    package var profile: String
    package var server: ServerReport
    package var score: Score
    package var trials: [TrialReport]
}

/// The server under test.
package struct ServerReport: Codable, Sendable, Equatable {
    /// The host of the plan on which the server was started; nil for this one, or if it was
    /// running already.
    package var host: String?
    /// The words that started the server; nil if it was running already.
    package var command: [String]?
    package var address: String
    /// The address to which the server's answers went, if it was another than the source of the
    /// datagrams.
    package var answersAt: String?
    /// The number of times that udplab started the server; nil if it was running already.
    package var starts: Int?
    /// The kind of request with which it was asked; nil for an echo server.
    package var request: String?

    package init(
        host: String? = nil, command: [String]?, address: String, answersAt: String? = nil,
        starts: Int?,
        request: String? = nil
    ) {
        self.host = host
        self.request = request
        self.command = command
        self.address = address
        self.answersAt = answersAt
        self.starts = starts
    }
}

/// The numbers of the trials' outcomes.
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
    /// An unexpected, serious outcome.
    case fail
    /// The server is up and serves, but could do better.
    case degraded
    /// The trial is impossible here, or does not apply to this server.
    case notApplicable = "not_applicable"
}

/// A trial: its actions, the expected and the observed result, and advice.
package struct TrialReport: Codable, Sendable, Equatable {
    package var id: String
    package var title: String
    package var verdict: TrialVerdict
    /// Whether this outcome fails the profile.
    package var failsProfile: Bool
    package var did: String
    package var expected: String
    package var saw: String
    /// The change that the author of the server should make; nil if nothing is wrong.
    package var change: String?
    /// Whether udplab restarted the server after the trial; nil if udplab did not start it.
    package var restarted: Bool?
    package var durationNs: Int
    /// The outcome of the datagrams of a trial that sends many; nil for other trials.
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

/// The ledger of a trial's datagrams: `sent = answered + lost_in_server_buffer + lost_in_own_buffer
/// + lost_elsewhere`, where an unknown account is nil and its datagrams are in `lost_elsewhere`.
package struct TrialDatagrams: Codable, Sendable, Equatable {
    package var sent = 0
    /// The distinct datagrams that were answered.
    package var answered = 0
    /// The answers beyond the first to one datagram.
    package var duplicates = 0
    /// The answers with another content than expected.
    package var altered = 0
    /// The answers that went to another address than the source of the datagram.
    package var misdirected = 0
    /// The datagrams dropped by the full receive buffers at the server's address (/proc/net/udp);
    /// nil for a server on another host.
    package var lostInServerBuffer: Int?
    /// The datagrams dropped by the full receive buffers of udplab's own sockets (SO_MEMINFO); nil
    /// if the kernel does not report drops.
    package var lostInOwnBuffer: Int?
    /// The datagrams lost in no known buffer: by the server's program, or on the path.
    package var lostElsewhere = 0
    /// The datagrams that this host did not send, for which the server is not at fault.
    package var unsent = 0

    package init() {}
}

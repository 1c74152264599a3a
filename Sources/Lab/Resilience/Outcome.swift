import Plans
import Reports

/// The observation of a trial, with its verdict.
struct Outcome: Sendable {
    var verdict: TrialVerdict
    var did: String
    var saw: String
    var change: String?
    var datagrams: TrialDatagrams?
    /// Whether the degradation fails no profile, whatever the trial specifies.
    var isTolerated = false

    static func pass(
        _ did: String, saw: String, change: String? = nil, datagrams: TrialDatagrams? = nil
    ) -> Outcome {
        Outcome(verdict: .pass, did: did, saw: saw, change: change, datagrams: datagrams)
    }

    static func fail(
        _ did: String, saw: String, change: String, datagrams: TrialDatagrams? = nil
    ) -> Outcome {
        Outcome(verdict: .fail, did: did, saw: saw, change: change, datagrams: datagrams)
    }

    static func degraded(
        _ did: String, saw: String, change: String, datagrams: TrialDatagrams? = nil
    ) -> Outcome {
        Outcome(verdict: .degraded, did: did, saw: saw, change: change, datagrams: datagrams)
    }

    static func notApplicable(_ why: String, did: String = "nothing") -> Outcome {
        Outcome(verdict: .notApplicable, did: did, saw: "not applicable: \(why)")
    }
}

/// A trial of a battery.
struct Trial: Sendable {
    let id: String
    let title: String
    let expectation: String
    /// The smallest profile with this trial.
    let profile: ResilienceProfile
    /// Whether `degraded` fails the strict profile as well.
    var degradedFailsStrict = false
    var run: @Sendable (Bench) throws -> Outcome
}

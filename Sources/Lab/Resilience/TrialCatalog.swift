import Plans

/// All trials in the order in which they run: first the questions on which all others depend, last
/// the trials that a server may not survive.
package enum TrialCatalog {
    static let all: [Trial] =
        EchoTrials.all + [EverySource.trial] + PayloadTrials.all + SourceTrials.all
        + OrderTrials.all + [SafetyTrials.amplification] + ResetTrials.all + ErrorTrials.all
        + LoadTrials.all + LifeTrials.all + [SafetyTrials.portZero, SafetyTrials.ownSource]

    /// The entry of a trial in `--list`.
    package struct Entry: Sendable {
        package let id: String
        package let title: String
        package let expectation: String
        package let profile: ResilienceProfile
    }

    package static var entries: [Entry] {
        all.map {
            Entry(id: $0.id, title: $0.title, expectation: $0.expectation, profile: $0.profile)
        }
    }

    /// Returns the trials of a battery: those of the profile, or those named.
    static func trials(_ options: ResilienceOptions) -> [Trial] {
        let chosen =
            options.only.isEmpty
            ? all.filter { options.profile == .strict || $0.profile == .basic }
            : all.filter { options.only.contains($0.id) }
        guard let request = options.request else { return chosen }
        return chosen.map { RequestTrials.adapted($0, to: request) }
    }
}

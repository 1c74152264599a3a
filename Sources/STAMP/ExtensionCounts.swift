/// The first answers to a sender's STAMP packets by the state of their TLVs (RFC 8972 §4). Each is
/// in one count.
package struct ExtensionCounts: BitwiseCopyable, Sendable, Codable, Equatable {
    /// Every TLV told its facts.
    package var told = 0
    /// The flag U: the reflector has not understood one of them.
    package var unrecognized = 0
    /// The flag M.
    package var malformed = 0
    /// The flag I, or an HMAC TLV that does not hold.
    package var unauthentic = 0
    /// TLVs that are not those that were sent.
    package var altered = 0
    /// Answers with another codepoint than was asked for, by the policy of the reflector (RP 1).
    package var codepointRefused = 0

    package init() {}

    /// Adds an answer.
    package mutating func add(_ condition: ReturnedExtensions.Condition) {
        switch condition {
        case .told: told += 1
        case .unrecognized: unrecognized += 1
        case .malformed: malformed += 1
        case .unauthentic: unauthentic += 1
        case .altered: altered += 1
        }
    }

    /// Adds the counts of another thread.
    package mutating func add(_ other: ExtensionCounts) {
        told += other.told
        unrecognized += other.unrecognized
        malformed += other.malformed
        unauthentic += other.unauthentic
        altered += other.altered
        codepointRefused += other.codepointRefused
    }
}

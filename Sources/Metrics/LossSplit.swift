/// The part of a reflector's answers that splits the loss of STAMP packets by direction.
package enum LossSplit: String, Sendable, Codable, CaseIterable {
    /// The numbers of a stateful reflector (RFC 8762 §4.3.1).
    case numbers
    /// The counters of Direct Measurement (RFC 8972 §4.5).
    case counters
    /// Both, which agree.
    case both
}

/// Duplication (RFC 5560).
package struct DuplicationFigures: Codable, Sendable, Equatable {
    /// The number of copies beyond the first.
    package var count = 0
    /// arrivals / unique − 1 (§5.1); nil without arrivals.
    package var fraction: Double?
    /// Share of the unique datagrams that arrived more than once (§5.2); nil without arrivals.
    package var replicatedRate: Double?

    package init() {}
}

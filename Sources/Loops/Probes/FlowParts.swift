/// The distribution of a stream's flows among the instances of a responder: a block of flows for
/// each, in order, the first ones larger by one if they do not divide evenly.
///
///     10 flows, 4 instances:   0 1 2 │ 3 4 5 │ 6 7 │ 8 9
package struct FlowParts: Sendable, Equatable {
    package let flows: Int
    package let count: Int

    /// Makes a distribution.
    /// - Parameter count: The number of parts, some of them empty if there are fewer flows.
    package init(flows: Int, count: Int) {
        precondition(flows >= 0 && count > 0, "flows go into one part at least")
        self.flows = flows
        self.count = count
    }

    package func flows(of part: Int) -> Range<Int> {
        let (share, larger) = flows.quotientAndRemainder(dividingBy: count)
        let first = part * share + min(part, larger)
        return first..<first + share + (part < larger ? 1 : 0)
    }

    package func part(of flow: Int) -> Int {
        let (share, larger) = flows.quotientAndRemainder(dividingBy: count)
        let inLarger = larger * (share + 1)
        return flow < inLarger ? flow / (share + 1) : larger + (flow - inLarger) / max(1, share)
    }
}

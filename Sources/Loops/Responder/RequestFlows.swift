import Datagrams
import Metrics

/// The flows of requests that a sink counts, by their source addresses: all that tells them.
struct RequestFlows: ~Copyable {
    private var clients: PathTable
    /// The flow of each client, by its path.
    private let flows: CheckedMemory<Int>
    let isEmpty: Bool

    /// Finds the flows of requests among the streams expected; none if there are no such streams,
    /// or their sources are not known.
    init(_ streams: [ExpectedStream]) {
        let flowCount = streams.reduce(0) { $0 + $1.flows }
        clients = PathTable(limit: max(1, flowCount))
        flows = .filled(-1, count: max(1, flowCount))
        var flow = 0
        for stream in streams {
            if stream.areRequests {
                for (number, source) in stream.sources.enumerated() {
                    flows[clients.insert(source, atNs: 0)] = flow + number
                }
            }
            flow += stream.flows
        }
        isEmpty = clients.count == 0
    }

    deinit { flows.deallocate() }

    /// Returns the flow whose source an address is, in the layout of a receive batch; nil for
    /// another's.
    func flow(of source: UnsafePointer<UInt8>) -> Int? { clients.find(source).map { flows[$0] } }
}

import Datagrams
import Glibc
import Metrics

/// The flows of requests that a sink counts, by their source addresses.
///
/// Open addressing over a power of two of slots, at most half of them used, each with the number of
/// a flow or −1. Memory of its own, which the maker deallocates with ``deallocate()``.
package struct RequestFlows {
    private let slots: CheckedMemory<Int32>
    private let addresses: CheckedMemory<UInt8>
    private let mask: Int

    /// Makes the table of the streams of requests among those expected; nil if there are none, or
    /// their sources are not known.
    init?(_ streams: [ExpectedStream]) {
        var sources: [(flow: Int, address: SocketAddress)] = []
        var flow = 0
        for stream in streams {
            if stream.areRequests {
                sources += zip(flow..., stream.sources).map { ($0, $1) }
            }
            flow += stream.flows
        }
        guard !sources.isEmpty else { return nil }
        let count = 1 << (Int.bitWidth - (2 * sources.count - 1).leadingZeroBitCount)
        mask = count - 1
        slots = .filled(-1, count: count)
        addresses = .filled(0, count: flow * ReceiveBatch.addressBytes)
        for source in sources {
            let place = addresses + source.flow * ReceiveBatch.addressBytes
            source.address.copy(to: place)
            var slot = Self.hash(place) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(source.flow)
        }
    }

    func deallocate() {
        slots.deallocate()
        addresses.deallocate()
    }

    /// Returns the flow whose source an address is, in the kernel's layout and the batch's length;
    /// nil for another's.
    @inline(__always)
    func flow(of source: UnsafePointer<UInt8>) -> Int? {
        var slot = Self.hash(source) & mask
        while slots[slot] >= 0 {
            let flow = Int(slots[slot])
            let bytes = ReceiveBatch.addressBytes
            if memcmp(addresses + flow * bytes, source, bytes) == 0 { return flow }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// FNV-1a. The table is fixed, so that nobody can fill it.
    @inline(__always)
    private static func hash(_ address: UnsafePointer<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for offset in 0..<ReceiveBatch.addressBytes {
            hash = (hash ^ UInt64(address[offset])) &* 0x100_0000_01b3
        }
        return Int(truncatingIfNeeded: hash >> 20)
    }
}

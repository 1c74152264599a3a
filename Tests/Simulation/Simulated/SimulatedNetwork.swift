import Datagrams
import Harness

@testable import Loops

/// A sender's sockets, the ways there and back, and an echo server at the far end, in virtual
/// time; and the record of what they did, which the loop's figures are held against.
final class SimulatedNetwork {
    /// One probe: its flow, and how many the flow had sent before it.
    struct Probe: Hashable {
        let flow: Int
        let index: Int
    }

    struct Datagram {
        var octets: [UInt8]
        var flow: Int
        /// `nil` for what no sender made.
        var probe: Probe?
        /// A bit was flipped or an end cut off.
        var isAltered = false
        var isLate = false
        /// Wall time of its arrival in the socket.
        var kernelNs: Int64 = 0
    }

    struct Forgery {
        let octets: [UInt8]
        let delayNs: Int64

        init(_ octets: [UInt8], after delayNs: Int64) {
            self.octets = octets
            self.delayNs = delayNs
        }
    }

    enum Event {
        case atResponder(Datagram)
        case atSender(Datagram)
        case reset(Datagram)
    }

    /// The socket of one flow.
    struct Socket {
        var queue: [Datagram] = []
        var drops = 0
        var pendingError: Int32?
        var errorQueue: [KernelError] = []
    }

    let seed: UInt64
    let clock = SimulatedClock()
    var generator: SeededGenerator
    var events = EventQueue<Event>()
    var sockets: [Socket]
    var sentByFlow: [Int]

    // What the test sets.
    var forward = Weather.clear
    var backward = Weather.clear
    /// The delay of each copy on the way back; empty loses them. `nil` leaves it to the weather.
    var echoScript: ((Probe) -> [Int64]?)?
    /// Datagrams that somebody makes out of a probe that passes: bytes, and how much later they
    /// reach the sender.
    var forgery: ((Probe, [UInt8]) -> [Forgery])?
    /// Called when the loop is given a copy of a probe.
    var onDelivery: ((Probe) -> Void)?
    var firstSequence: UInt64 = 0
    /// Of the run: a longer message is a super-packet (UDP_SEGMENT).
    var payloadBytes = Int.max
    /// Of one message of UDP_GRO: the kernel coalesces within one IP packet.
    static let coalescedBytesMax = 65_507
    /// Whether datagrams that wait together arrive in one message (UDP_GRO).
    var coalesces = false
    /// Of the run: a scripted echo that takes longer is late.
    var timeoutNs = Int64.max
    var isPortClosed: (_ atNs: Int64) -> Bool = { _ in false }
    /// Datagrams that a socket of the sender holds.
    var socketCapacity = Int.max
    var sendCostNs: Int64 = 1_000
    /// How far the kernel's receive times are off the wall clock.
    var kernelStampShiftNs: Int64 = 0
    /// What a send call does instead of taking all.
    var sendScript: (_ call: Int, _ count: Int) -> SendStep? = { _, _ in nil }

    /// What a receive call does instead of looking at the queue: the errno with which it fails.
    var receiveScript: (_ call: Int) -> Int32? = { _ in nil }
    /// The errno with which every wait from this time on fails.
    var waitFailure: (errno: Int32, fromNs: Int64)?

    /// What the network did.
    var record = NetworkRecord()

    init(flows: Int = 1, seed: UInt64 = 1) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        sockets = Array(repeating: Socket(), count: flows)
        sentByFlow = Array(repeating: 0, count: flows)
    }

    /// Lets everything happen that is due by now.
    func settle() {
        while let (atNs, event) = events.next(dueAtNs: clock.timeNs) {
            switch event {
            case .atResponder(let datagram): arriveAtResponder(datagram, atNs: atNs)
            case .atSender(var datagram):
                datagram.kernelNs = clock.wallNs(atNs: atNs) + kernelStampShiftNs
                arriveAtSender(datagram)
            case .reset(let datagram): arriveReset(datagram)
            }
        }
    }

    /// A datagram has left the sender.
    func transmit(_ octets: [UInt8], flow: Int) {
        let probe = Probe(flow: flow, index: sentByFlow[flow])
        sentByFlow[flow] += 1
        let expected = UInt32(truncatingIfNeeded: firstSequence + UInt64(probe.index))
        if octets.withUnsafeBytes({ $0.baseAddress.map(ProbeLayout.sequence) }) != expected {
            record.misnumbered += 1
        }
        let datagram = Datagram(octets: octets, flow: flow, probe: probe)
        if echoScript?(probe) == nil {
            travel(datagram, forward) { .atResponder($0) }
        } else {
            events.add(.atResponder(datagram), atNs: clock.timeNs)
        }
    }

    /// Puts a datagram that no sender made on the way to the sender's socket.
    func forge(_ octets: [UInt8], flow: Int = 0, atNs: Int64) {
        events.add(.atSender(Datagram(octets: octets, flow: flow)), atNs: atNs)
    }

    private func travel(
        _ datagram: Datagram, _ weather: Weather, fromNs: Int64? = nil,
        _ event: (Datagram) -> Event
    ) {
        guard !generator.chance(weather.loss) else { return }
        repeat {
            var copy = datagram
            var atNs = fromNs ?? clock.timeNs
            atNs += Int64.random(in: weather.delayNs, using: &generator)
            if generator.chance(weather.late) {
                copy.isLate = true
                atNs += weather.lateNs
            }
            alter(&copy, weather)
            events.add(event(copy), atNs: atNs)
        } while generator.chance(weather.duplicate)
    }

    private func alter(_ datagram: inout Datagram, _ weather: Weather) {
        if generator.chance(weather.corrupt), !datagram.octets.isEmpty {
            let bit = Int.random(in: 0..<datagram.octets.count * 8, using: &generator)
            datagram.octets[bit / 8] ^= 1 << UInt8(bit % 8)
            datagram.isAltered = true
        }
        if generator.chance(weather.truncate), !datagram.octets.isEmpty {
            let left = Int.random(in: 0..<datagram.octets.count, using: &generator)
            datagram.octets.removeLast(datagram.octets.count - left)
            datagram.isAltered = true
        }
    }

    private func arriveAtResponder(_ datagram: Datagram, atNs: Int64) {
        if isPortClosed(atNs) {
            record.refusedAtPort += 1
            events.add(.reset(datagram), atNs: atNs + 10_000)
            return
        }
        if let probe = datagram.probe {
            record.atResponder.insert(probe)
            for forged in forgery?(probe, datagram.octets) ?? [] {
                forge(forged.octets, flow: probe.flow, atNs: atNs + forged.delayNs)
            }
        }
        if let probe = datagram.probe, let delays = echoScript?(probe) {
            for delay in delays {
                var copy = datagram
                copy.isLate = delay > timeoutNs
                events.add(.atSender(copy), atNs: atNs + delay)
            }
            return
        }
        travel(datagram, backward, fromNs: atNs) { .atSender($0) }
    }

    private func arriveAtSender(_ datagram: Datagram) {
        guard sockets[datagram.flow].queue.count < socketCapacity else {
            sockets[datagram.flow].drops += 1
            record.droppedAtSender.append(datagram.probe)
            return
        }
        sockets[datagram.flow].queue.append(datagram)
    }

    /// An ICMP port unreachable: pending for the next call, and in the error queue (ip(7)).
    private func arriveReset(_ datagram: Datagram) {
        let flow = datagram.flow
        record.resets += 1
        sockets[flow].pendingError = SystemErrno.connectionRefused.rawValue
        // A queue of the default buffer holds about 255.
        guard sockets[flow].errorQueue.count < 255 else { return }
        sockets[flow].errorQueue.append(
            KernelError(errno: .connectionRefused, isICMP: true, session: 7 &+ UInt16(flow)))
    }
}

/// What a scripted send call does.
enum SendStep {
    /// Takes the first so many and returns.
    case take(Int)
    case fail(Int32)
    /// Takes all after so long.
    case stall(Int64)
}

/// What a simulated network did to a sender's probes.
struct NetworkRecord {
    var atResponder: Set<SimulatedNetwork.Probe> = []
    /// The copies that the loop was given, unaltered, in the order it was given them.
    var delivered: [(probe: SimulatedNetwork.Probe, isLate: Bool)] = []
    /// Datagrams that the loop was given and that are no echo: altered or forged.
    var deliveredAltered = 0
    /// Probes that left with another number than the next of their flow.
    var misnumbered = 0
    var droppedAtSender: [SimulatedNetwork.Probe?] = []
    var refusedAtPort = 0
    var resets = 0
    /// Calls that failed, by errno.
    var failures: [Int32: Int] = [:]
    var sendCalls = 0
    var waitCalls = 0
    var receiveCalls = 0
}

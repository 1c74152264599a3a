import Datagrams
import Glibc
import Workers

/// One datagram that came back.
struct Letter {
    let octets: [UInt8]
    let source: SocketAddress?
}

/// One source of datagrams: a socket of the battery's own. It closes with the last reference.
///
/// Unconnected, so that an answer from a wrong address is seen and not dropped by the kernel; with
/// IP_RECVERR, so that a closed port is told.
final class Peer: Listener {
    /// How long a datagram may wait for room in this host's own queues.
    private static let sendPatienceMs: Int32 = 1_000
    /// Errors in a row that one look at the socket consumes at most.
    private static let errorsAtMost = 1_000
    private static let bufferBytesAsked = 4 << 20

    private let socket: DatagramSocket
    private let errors = ErrorQueueReader()
    private var failures = ReceiveErrors()
    /// This host fails every receive call; nil while it does not.
    private(set) var fault: HostFault?
    let address: SocketAddress
    /// ICMP messages that said that a datagram of this peer did not arrive.
    private(set) var refusals = 0
    /// Datagrams that have left this host.
    private(set) var sent = 0
    /// What of this host kept a datagram from leaving, last; nil where nothing did.
    private(set) var sendFault: SystemFailure?

    /// - Parameter local: Where to sit; by default a free port that reaches `target`.
    init(
        toward target: SocketAddress, at local: SocketAddress? = nil, largeBuffer: Bool = false
    ) throws(SystemFailure) {
        let place: SocketAddress
        if let local { place = local } else { place = try Peer.anywhere(toward: target) }
        let socket = try DatagramSocket(family: place.family)
        try socket.bind(to: place)
        _ = socket.reportErrors()
        if largeBuffer { _ = socket.askReceiveBuffer(bytes: Peer.bufferBytesAsked) }
        address = try socket.localAddress()
        self.socket = socket
    }

    /// The unspecified address, or 127.0.0.1 towards loopback: nobody else is heard then.
    private static func anywhere(toward target: SocketAddress) throws(SystemFailure)
        -> SocketAddress
    {
        let isFour = target.family == .ipv4
        let host =
            target.isLoopback ? (isFour ? "127.0.0.1" : "::1") : (isFour ? "0.0.0.0" : "::")
        guard let address = SocketAddress(numericHost: host, port: 0) else {
            throw SystemFailure("inet_pton", host, .invalidArgument)
        }
        return address
    }

    var descriptor: Int32 { socket.descriptor }
    var drops: Int? { socket.receiveDrops() }

    /// - Returns: Whether the datagram left this host.
    @discardableResult
    func send(_ octets: [UInt8], to target: SocketAddress) -> Bool {
        var consumed = 0
        while consumed < Peer.errorsAtMost {
            guard let reason = socket.send(octets, to: target) else {
                sent += 1
                return true
            }
            switch reason {
            case .tryAgain, .noBuffers:
                var entry = pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
                if reason == .noBuffers { usleep(1_000) }
                guard poll(&entry, 1, Peer.sendPatienceMs) > 0 else { return false }
                consumed += 1
            case .connectionRefused, .hostUnreachable, .networkUnreachable:
                // A reset that was waiting for the next call: this datagram has not been sent.
                refusals += 1
                consumed += 1
            default:
                sendFault = SystemFailure("sendto", "\(target)", reason)
                return false
            }
        }
        return false
    }

    /// The next datagram that has come, `nil` when there is none.
    func take(_ room: UnsafeMutableRawBufferPointer) -> Letter? {
        for _ in 0..<Peer.errorsAtMost {
            switch socket.receive(into: room) {
            case .datagram(let bytes, let source):
                failures.worked()
                return Letter(octets: Array(room[..<bytes]), source: source)
            case .failed(let errno):
                if ReceiveErrors.isOfNetwork(errno) { note(errno) }
                if failures.add(errno) {
                    fault = .cannotReceive(call: "recvmsg", errno)
                    return nil
                }
            case .nothing:
                failures.worked()
                readErrors()
                return nil
            }
        }
        return nil
    }

    /// What an ICMP message says: of a datagram that does not fit the path's MTU the server never
    /// knew.
    private func note(_ errno: SystemErrno) {
        if errno == .messageTooLong {
            sendFault = SystemFailure("sendto", "the path to the server", errno)
        } else {
            refusals += 1
        }
    }

    private func readErrors() {
        for _ in 0..<Peer.errorsAtMost {
            guard let entry = errors.next(on: socket.descriptor) else { return }
            note(entry.errno)
        }
    }
}

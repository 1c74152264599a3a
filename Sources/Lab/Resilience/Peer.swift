import Datagrams
import Glibc
import Loops

/// A datagram that came back.
struct Letter {
    let octets: [UInt8]
    let source: SocketAddress?
}

/// A source of datagrams: a socket of the battery's own. It closes with the last reference.
///
/// The socket is unconnected, so that an answer from a wrong address is received and not dropped by
/// the kernel; it has IP_RECVERR, so that a closed port is reported.
final class Peer: Listener {
    /// The maximum wait of a datagram for space in this host's own queues.
    private static let sendPatienceMs: Int32 = 1_000
    /// The maximum number of consecutive errors consumed by one receive.
    private static let errorsAtMost = 1_000
    private static let bufferBytesAsked = 4 << 20

    private let socket: DatagramSocket
    private let errors = ErrorQueueReader()
    private var failures = ReceiveErrors()
    /// The fault of this host that fails every receive call; nil if there is none.
    private(set) var fault: HostFault?
    let address: SocketAddress
    /// The number of ICMP errors about datagrams of this peer.
    private(set) var refusals = 0
    /// The number of datagrams that have left this host.
    private(set) var sent = 0
    /// The last error of this host that kept a datagram from being sent; nil if there was none.
    private(set) var sendFault: SystemFailure?

    /// Opens a peer.
    /// - Parameter local: The address to bind; by default a free port that reaches `target`.
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

    /// Returns the unspecified address, or 127.0.0.1 towards loopback, which excludes other
    /// sources.
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

    /// Sends a datagram.
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
                // A pending error failed this call: the datagram has not been sent.
                refusals += 1
                consumed += 1
            default:
                sendFault = SystemFailure("sendto", "\(target)", reason)
                return false
            }
        }
        return false
    }

    /// Returns the next datagram received, `nil` if there is none.
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

    /// Records an ICMP error. A datagram that does not fit the path's MTU never reached the server.
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

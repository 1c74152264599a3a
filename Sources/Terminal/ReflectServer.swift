import Datagrams
import Glibc
import Loops
import STAMP

/// A stand-alone STAMP Session-Reflector (RFC 8762 §4.3, RFC 8972): answers the test packets of
/// sources that may be answered, one at a time, so that each answer has its own time of sending.
package struct ReflectServer: ~Copyable {
    static let batch = 64
    /// The time after which the clock's error is read again: the kernel lets it grow by 500 ppm
    /// (adjtimex(2), maxerror).
    private static let estimateEveryNs: Int64 = 1_000_000_000

    package struct Counts: Sendable, Equatable {
        package var received = 0
        package var reflected = 0
        package var failed = 0
        package var short = 0
        /// The packets whose HMAC does not hold.
        package var unauthenticated = 0
        /// The packets of sessions for which a stateful reflector has no place.
        package var withoutPlace = 0
        package var refused = RefusalCounts()
    }

    private var kernel: LinuxResponderKernel
    private let rule: AnswerRule
    private var reflection: Reflection
    private var sessions: ReflectedSessions
    private let isStateful: Bool
    private let clock = LinuxClock()
    private let incoming = ReceiveBatch(
        slots: ReflectServer.batch, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true,
        withControl: true)
    private var nextEstimateNs = Int64.min
    private var errors = ReceiveErrors()
    package private(set) var counts = Counts()
    /// The failed receive calls by the errno's name.
    package var receiveErrors: [String: Int] { errors.byName }

    /// Opens a reflector.
    /// - Parameters:
    ///   - key: The key of authenticated mode; nil for unauthenticated mode.
    ///   - isStateful: Whether each session's answers are numbered (RFC 8762 §4.3.1).
    ///   - allowed: The sources that the reflector answers; loopback if empty.
    /// - Throws: If `address` cannot be bound.
    package init(
        address: SocketAddress, key: AuthenticationKey?, format: TimestampFormat,
        isStateful: Bool, allowed: [AddressRange] = []
    ) throws(SystemFailure) {
        let features = try SocketFeatures(timestamps: true).probed(family: address.family)
        kernel = try LinuxResponderKernel.open(
            at: address, receiveBufferAsked: LinuxKernel.bufferBytesAsked, features: features)
        AnswerMark.apply(to: kernel.socket)
        _ = kernel.socket.set(
            address.family == .ipv4 ? .receiveHopLimit4 : .receiveHopLimit6, to: 1)
        rule = AnswerRule(bound: kernel.address, allowed: allowed)
        reflection = Reflection(key: key, format: format, errorNs: WallTime.errorNs())
        sessions = ReflectedSessions(limit: isStateful ? ReflectedSessions.limit : 1)
        self.isStateful = isStateful
    }

    package var address: SocketAddress { kernel.address }
    package var allowed: [AddressRange] { rule.allowed }
    package var evicted: Int { sessions.evicted }

    /// Returns the datagrams dropped by the full receive buffer so far; `nil` if the kernel does
    /// not report drops.
    package mutating func drops() -> Int? { kernel.drops() }

    /// Answers until `isRunning` returns false, which is checked about 20 times a second.
    /// - Parameter onFirst: Called for the first datagram that each rule refuses.
    /// - Throws: If this host fails every receive call.
    package mutating func serve(
        while isRunning: () -> Bool,
        onFirst: (AnswerRule.Refusal, SocketAddress?) -> Void = { _, _ in }
    ) throws(HostFault) {
        while isRunning() {
            let count = try kernel.receive(incoming, counting: &errors)
            guard count > 0 else { continue }
            let nowNs = clock.nowNs()
            if nowNs >= nextEstimateNs {
                reflection.estimate = ErrorEstimate(
                    errorNs: WallTime.errorNs(), format: reflection.format)
                nextEstimateNs = nowNs + Self.estimateEveryNs
            }
            counts.received += count
            for index in 0..<count {
                if let refusal = rule.refusal(of: index, in: incoming) {
                    if counts.refused.add(refusal) { onFirst(refusal, incoming.source(index)) }
                } else {
                    answer(index, atNs: nowNs, while: isRunning)
                }
            }
        }
    }

    private mutating func answer(_ index: Int, atNs nowNs: Int64, while isRunning: () -> Bool) {
        let slot = incoming.slot(index)
        let length = incoming.length(index)
        let packet = UnsafeRawBufferPointer(start: slot, count: length)
        switch reflection.refusal(packet) {
        case .short: counts.short += 1
        case .authentication: counts.unauthenticated += 1
        case nil:
            guard isStateful else { return send(index, length, session: nil, while: isRunning) }
            guard let source = incoming.rawSource(index),
                let session = sessions.heard(
                    from: source, bytes: incoming.rawSourceBytes(index),
                    identifier: reflection.session(packet), atNs: nowNs)
            else {
                counts.withoutPlace += 1
                return
            }
            send(index, length, session: session, while: isRunning)
        }
    }

    private mutating func send(
        _ index: Int, _ length: Int, session: Int?, while isRunning: () -> Bool
    ) {
        let kernelNs = incoming.kernelNs(index)
        let arrival = Reflection.Arrival(
            wallNs: kernelNs == 0 ? clock.wallNs() : kernelNs,
            trafficClass: incoming.trafficClass(index), hopLimit: incoming.hopLimit(index))
        let answer = reflection.reflect(
            UnsafeMutableRawBufferPointer(
                start: incoming.slot(index), count: incoming.slotBytes),
            length: length, arrival: arrival, session: session.map { sessions[$0] },
            nowNs: { clock.wallNs() })
        if let codepoint = answer.codepoint {
            guard AnswerMark.replace(codepoint, on: kernel.socket) else {
                counts.failed += 1
                return
            }
        }
        var result = -Int(EAGAIN)
        while true {
            result = kernel.sendPiece(incoming, of: index, offset: 0, bytes: answer.length)
            guard result == -Int(EAGAIN), isRunning() else { break }
            kernel.waitWritable(timeoutNs: 20_000_000)
        }
        if answer.codepoint != nil { AnswerMark.restore(on: kernel.socket) }
        if result == 1 {
            counts.reflected += 1
            if let session { sessions.answered(session) }
        } else {
            counts.failed += 1
        }
    }
}

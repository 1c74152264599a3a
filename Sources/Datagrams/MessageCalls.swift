import CLinuxUDP

/// The system calls for sending and receiving datagrams, as found by trying them in this process.
///
/// A seccomp filter, or an old kernel, may refuse any of them. The C code replaces a refused call
/// by a related one: `sendmmsg` by `sendmsg` one at a time, `recvmsg` by `recvmmsg` of one.
package struct MessageCalls: Sendable, Equatable {
    /// The error of a refused call; `nil` if the call works.
    package let sendmmsg: SystemErrno?
    package let recvmmsg: SystemErrno?
    package let sendmsg: SystemErrno?
    package let recvmsg: SystemErrno?

    /// The calls of this process. They are tried before the first batch is made.
    package static let current = tried()

    private static func tried() -> MessageCalls {
        var errors = [Int32](repeating: 0, count: UDPLAB_MESSAGE_CALLS)
        udplab_probe_message_calls(&errors)
        func refusal(_ error: Int32) -> SystemErrno? {
            error == 0 ? nil : SystemErrno(rawValue: error)
        }
        return MessageCalls(
            sendmmsg: refusal(errors[UDPLAB_SENDMMSG]), recvmmsg: refusal(errors[UDPLAB_RECVMMSG]),
            sendmsg: refusal(errors[UDPLAB_SENDMSG]), recvmsg: refusal(errors[UDPLAB_RECVMSG]))
    }

    /// Makes a set of refusals for tests of the messages.
    package init(
        sendmmsg: SystemErrno? = nil, recvmmsg: SystemErrno? = nil, sendmsg: SystemErrno? = nil,
        recvmsg: SystemErrno? = nil
    ) {
        self.sendmmsg = sendmmsg
        self.recvmmsg = recvmmsg
        self.sendmsg = sendmsg
        self.recvmsg = recvmsg
    }

    /// Checks that datagrams can be sent.
    /// - Throws: If every call for sending is refused.
    package func checkSending() throws(SystemFailure) {
        guard sendmmsg != nil, let errno = sendmsg else { return }
        throw SystemFailure(
            "cannot send datagrams", "(sendmsg, sendmmsg)", errno, advice: Self.advice)
    }

    /// Checks that datagrams can be received.
    /// - Throws: If every call for receiving is refused.
    package func checkReceiving() throws(SystemFailure) {
        guard recvmmsg != nil, let errno = recvmsg else { return }
        throw SystemFailure(
            "cannot receive datagrams", "(recvmsg, recvmmsg)", errno, advice: Self.advice)
    }

    private static let advice =
        "this host refuses the calls, as a container's seccomp filter does"

    /// The consequence of each refusal, one sentence each.
    package var sentences: [String] {
        var sentences: [String] = []
        func add(_ call: String, _ errno: SystemErrno?, _ consequence: String) {
            if let errno { sentences.append("\(call) is refused (\(errno.name)): \(consequence)") }
        }
        add("sendmmsg", sendmmsg, "datagrams are sent one a call, by sendmsg")
        add("recvmmsg", recvmmsg, "datagrams are received one a call, by recvmsg")
        add("sendmsg", sendmsg, "single datagrams are sent by sendmmsg")
        add("recvmsg", recvmsg, "single datagrams are received by recvmmsg")
        return sentences
    }
}

/// The calls that carry one message each although they could carry several: the plan's `sendmmsg`
/// and `recvmmsg` settings that are off.
package struct SingleCalls: Codable, Sendable, Equatable {
    package var sends: Bool
    package var receives: Bool

    package init(sends: Bool = false, receives: Bool = false) {
        self.sends = sends
        self.receives = receives
    }

    /// Returns the flags for a batch of `slots` messages.
    func flags(slots: Int) -> Int32 {
        let calls = MessageCalls.current
        var flags = 0
        if slots == 1 || sends || calls.sendmmsg != nil { flags |= UDPLAB_SINGLE_SENDS }
        if slots == 1 || receives || calls.recvmmsg != nil {
            flags |= UDPLAB_SINGLE_RECEIVES
        }
        return Int32(flags)
    }
}

import CLinuxUDP

/// The system calls by which datagrams leave and arrive in this process, as found by trying.
///
/// A seccomp filter, or an old kernel, may refuse any of them. The C below makes up for a refused
/// call by its sibling: `sendmmsg` by `sendmsg` one at a time, `recvmsg` by `recvmmsg` of one.
package struct MessageCalls: Sendable, Equatable {
    /// Why a call is refused; `nil` where it is there.
    package let sendmmsg: SystemErrno?
    package let recvmmsg: SystemErrno?
    package let sendmsg: SystemErrno?
    package let recvmsg: SystemErrno?

    /// Of this process. Every batch asks for it before it is made.
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

    /// For tests of what is said of refusals.
    package init(
        sendmmsg: SystemErrno? = nil, recvmmsg: SystemErrno? = nil, sendmsg: SystemErrno? = nil,
        recvmsg: SystemErrno? = nil
    ) {
        self.sendmmsg = sendmmsg
        self.recvmmsg = recvmmsg
        self.sendmsg = sendmsg
        self.recvmsg = recvmsg
    }

    /// - Throws: When nothing can be sent here by any call.
    package func checkSending() throws(SystemFailure) {
        guard sendmmsg != nil, let errno = sendmsg else { return }
        throw SystemFailure(
            "cannot send datagrams", "(sendmsg, sendmmsg)", errno, advice: Self.advice)
    }

    /// - Throws: When nothing can be received here by any call.
    package func checkReceiving() throws(SystemFailure) {
        guard recvmmsg != nil, let errno = recvmsg else { return }
        throw SystemFailure(
            "cannot receive datagrams", "(recvmsg, recvmmsg)", errno, advice: Self.advice)
    }

    private static let advice =
        "this host refuses the calls, as a container's seccomp filter does"

    /// What each refusal costs, a sentence each.
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

/// Which calls carry one message each although several could be carried: what the plan's knobs
/// `sendmmsg` and `recvmmsg` say where they are off.
package struct SingleCalls: Codable, Sendable, Equatable {
    package var sends: Bool
    package var receives: Bool

    package init(sends: Bool = false, receives: Bool = false) {
        self.sends = sends
        self.receives = receives
    }

    /// What a batch of `slots` messages is made with.
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

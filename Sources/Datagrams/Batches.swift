import CLinuxUDP
import Glibc

/// Datagrams to send, in slots of equal size, contiguous in memory, allocated once.
package struct SendBatch: ~Copyable {
    package let slots: Int
    package let slotBytes: Int
    let raw: OpaquePointer
    package let octets: UnsafeMutablePointer<UInt8>

    /// - Parameters:
    ///   - slots: The maximum number of datagrams per call.
    ///   - slotBytes: The payload of each, in bytes.
    ///   - destination: The destination of all datagrams; `nil` for a connected socket.
    ///   - single: Whether each message is sent by a call of its own, as for one slot always.
    package init(
        slots: Int, slotBytes: Int, destination: SocketAddress? = nil,
        single: SingleCalls = SingleCalls()
    ) {
        guard
            let raw = udplab_batch_create(
                UInt32(slots), slotBytes, destination == nil ? 0 : 1, 0, single.flags(slots: slots))
        else { preconditionFailure("no memory for a batch of \(slots) × \(slotBytes) octets") }
        self.slots = slots
        self.slotBytes = slotBytes
        self.raw = raw
        octets = udplab_batch_octets(raw)
        if let destination { setDestination(destination) }
    }

    deinit { udplab_batch_destroy(raw) }

    /// Returns the index after a bounds check: memory beyond the slots has another owner.
    @inline(__always)
    private func checked(_ index: Int) -> Int {
        precondition(index >= 0 && index < slots, "a message of the batch")
        return index
    }

    /// Changes the destination of all messages of a batch that was made with one.
    package func setDestination(_ address: SocketAddress) {
        address.withRaw {
            precondition($1 <= UDPLAB_ADDRESS_BYTES, "an address that a batch holds")
            udplab_batch_set_destination(raw, $0, UInt32($1))
        }
    }

    /// Returns the payload of slot `index`.
    @inline(__always)
    package func slot(_ index: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(octets + checked(index) * slotBytes)
    }

    /// Sets the length of `count` messages from `first` on, in bytes.
    @inline(__always)
    package func setLength(from first: Int, count: Int, bytes: Int) {
        udplab_batch_set_length(raw, UInt32(first), UInt32(count), bytes)
    }

    /// Returns the length of message `index` in bytes: for simulated kernels.
    package func length(_ index: Int) -> Int { udplab_batch_length(raw, UInt32(index)) }

    /// Calls sendmmsg(2) or sendmsg(2) on `descriptor`. Returns the number of messages that the
    /// kernel accepted (possibly fewer than `count`), or -errno.
    @inline(__always)
    package func send(on descriptor: Int32, from first: Int, count: Int) -> Int {
        Int(udplab_batch_send(descriptor, raw, UInt32(first), UInt32(count)))
    }
}

/// Buffers for arriving datagrams, allocated once.
package struct ReceiveBatch: ~Copyable {
    package let slots: Int
    package let slotBytes: Int
    let raw: OpaquePointer
    package let octets: UnsafeMutablePointer<UInt8>
    package let received: UnsafeMutablePointer<udplab_received>
    let addresses: UnsafeMutablePointer<UInt8>?
    private let receivesSingly: Bool

    /// - Parameters:
    ///   - slots: The maximum number of messages per call.
    ///   - slotBytes: The size of each slot; a longer datagram is truncated and marked.
    ///   - withAddresses: For unconnected sockets: keeps each sender's address.
    ///   - withControl: For kernel timestamps and GRO segment sizes.
    ///   - single: Whether each message is received by a call of its own, as for one slot always.
    package init(
        slots: Int, slotBytes: Int, withAddresses: Bool, withControl: Bool,
        single: SingleCalls = SingleCalls()
    ) {
        guard
            let raw = udplab_batch_create(
                UInt32(slots), slotBytes, withAddresses ? 1 : 0, withControl ? 1 : 0,
                single.flags(slots: slots))
        else { preconditionFailure("no memory for a batch of \(slots) × \(slotBytes) octets") }
        self.slots = slots
        self.slotBytes = slotBytes
        self.raw = raw
        octets = udplab_batch_octets(raw)
        received = udplab_batch_received(raw)
        addresses = udplab_batch_addresses(raw)
        receivesSingly = slots == 1 || single.receives || MessageCalls.current.recvmmsg != nil
    }

    deinit { udplab_batch_destroy(raw) }

    /// Returns the index after a bounds check: memory beyond the slots has another owner.
    @inline(__always)
    fileprivate func checked(_ index: Int) -> Int {
        precondition(index >= 0 && index < slots, "a message of the batch")
        return index
    }

    @inline(__always)
    package func slot(_ index: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(octets + checked(index) * slotBytes)
    }

    /// Returns the length of message `index` of the last receive, in bytes.
    @inline(__always)
    package func length(_ index: Int) -> Int { Int(received[checked(index)].length) }

    /// Returns the size of the datagrams that message `index` was coalesced from (UDP_GRO), in
    /// bytes; its own length if it is one datagram. At least 1.
    @inline(__always)
    package func segmentBytes(_ index: Int) -> Int {
        let bytes = Int(received[checked(index)].segment_bytes)
        return bytes > 0 ? bytes : max(1, Int(received[checked(index)].length))
    }

    /// Returns the kernel's receive time of message `index`: wall time in nanoseconds; 0 without a
    /// stamp.
    @inline(__always)
    package func kernelNs(_ index: Int) -> Int64 { received[checked(index)].kernel_ns }

    /// Whether the datagram was longer than the slot (MSG_TRUNC, recvmsg(2)).
    @inline(__always)
    package func isTruncated(_ index: Int) -> Bool { received[checked(index)].flags & 0x20 != 0 }

    /// Returns the traffic class byte of message `index` (RFC 2474 §3); 0 if the socket does not
    /// report it.
    @inline(__always)
    package func trafficClass(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: received[checked(index)].traffic_class)
    }

    /// Returns the received hop limit of message `index` (RFC 8200 §3; the time to live of RFC
    /// 791); 0 if the socket does not report it.
    @inline(__always)
    package func hopLimit(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: received[checked(index)].hop_limit)
    }

    /// Returns the source of message `index`; `nil` on a connected socket.
    package func source(_ index: Int) -> SocketAddress? {
        guard let addresses else { return nil }
        return SocketAddress(
            raw: UnsafeRawBufferPointer(
                start: addresses + checked(index) * Int(UDPLAB_ADDRESS_BYTES),
                count: Int(received[checked(index)].address_bytes)))
    }

    /// The size of a remembered source address, see `remember`.
    package static let addressBytes = Int(UDPLAB_ADDRESS_BYTES)

    /// Whether message `index` came from the address remembered at `memory`.
    @inline(__always)
    package func isFrom(_ memory: UnsafePointer<UInt8>, _ index: Int) -> Bool {
        guard let addresses else { return true }
        return memcmp(addresses + checked(index) * Self.addressBytes, memory, Self.addressBytes)
            == 0
    }

    /// Copies the source of message `index` to `memory`, in the layout of the kernel and the batch.
    package func remember(_ index: Int, at memory: UnsafeMutablePointer<UInt8>) {
        guard let addresses else { return }
        memory.update(
            from: addresses + checked(index) * Self.addressBytes, count: Self.addressBytes)
    }

    /// Returns the source of message `index` in the kernel's layout; `nil` on a connected socket.
    @inline(__always)
    package func rawSource(_ index: Int) -> UnsafePointer<UInt8>? {
        guard let addresses else { return nil }
        return UnsafePointer(addresses + checked(index) * Self.addressBytes)
    }

    /// Returns the size of the source of message `index` in the kernel's layout.
    @inline(__always)
    package func rawSourceBytes(_ index: Int) -> Int { Int(received[checked(index)].address_bytes) }

    /// Calls recvmmsg(2) or recvmsg(2). Returns the number of messages received, or -errno (EAGAIN
    /// if there are none).
    /// - Parameter wait: Whether to wait for the first message, for at most the socket's receive
    ///   timeout.
    @inline(__always)
    package func receive(on descriptor: Int32, count: Int, wait: Bool) -> Int {
        Int(udplab_batch_receive(descriptor, raw, UInt32(count), wait ? 1 : 0))
    }

    /// The name of the system call that `receive` makes.
    package var receiveCall: String {
        receivesSingly && MessageCalls.current.recvmsg == nil ? "recvmsg" : "recvmmsg"
    }

    /// Prepares the first `count` messages to be sent back to their senders, unchanged.
    @inline(__always)
    package func turnAround(count: Int) { udplab_batch_turn_around(raw, UInt32(count)) }

    /// Gives a turned-around message another length, up to that of its slot, in bytes.
    @inline(__always)
    package func setLength(_ index: Int, bytes: Int) {
        precondition(bytes <= slotBytes, "an answer that its slot holds")
        received[checked(index)].length = UInt32(bytes)
        udplab_batch_set_length(raw, UInt32(index), 1, bytes)
    }

    /// Sends a part of a turned-around message as a datagram of its own. Returns 1 or -errno.
    package func sendPiece(on descriptor: Int32, of index: Int, offset: Int, bytes: Int) -> Int {
        Int(udplab_batch_send_piece(descriptor, raw, UInt32(index), offset, bytes))
    }

    /// Sends turned-around messages by sendmmsg(2).
    @inline(__always)
    package func sendBack(on descriptor: Int32, from first: Int, count: Int) -> Int {
        Int(udplab_batch_send(descriptor, raw, UInt32(first), UInt32(count)))
    }
}

extension ReceiveBatch {
    /// Fills slot `index` as a receive would: for simulated kernels.
    /// - Parameters:
    ///   - segmentBytes: The size of the datagrams that the message was coalesced from; 0 for one
    ///     datagram.
    ///   - source: The source address; ignored unless the batch keeps addresses.
    ///   - trafficClass: 0 if the socket does not report it, as for `hopLimit`.
    package func simulate(
        _ index: Int, octets bytes: UnsafeRawBufferPointer, truncated: Bool = false,
        segmentBytes: Int = 0, source: SocketAddress? = nil, trafficClass: UInt8 = 0,
        hopLimit: UInt8 = 0, kernelNs: Int64 = 0
    ) {
        let length = min(bytes.count, slotBytes)
        if length > 0, let base = bytes.baseAddress {
            slot(index).copyMemory(from: base, byteCount: length)
        }
        received[checked(index)].length = UInt32(length)
        received[checked(index)].flags = truncated || bytes.count > slotBytes ? 0x20 : 0
        received[checked(index)].segment_bytes = UInt32(segmentBytes)
        received[checked(index)].address_bytes = 0
        received[checked(index)].kernel_ns = kernelNs
        received[checked(index)].traffic_class = UInt32(trafficClass)
        received[checked(index)].hop_limit = UInt32(hopLimit)
        guard let addresses, let source else { return }
        let own = addresses + checked(index) * Int(UDPLAB_ADDRESS_BYTES)
        received[checked(index)].address_bytes = source.withRaw { raw, size in
            UnsafeMutableRawPointer(own).copyMemory(from: raw, byteCount: Int(size))
            return size
        }
    }
}

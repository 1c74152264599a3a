import CLinuxUDP

/// Datagrams to send whose bytes are in a receive batch or in a pool. Nothing is copied, so the
/// bytes and the addresses must stay valid until `send` has returned.
package struct Outbox: ~Copyable {
    package let slots: Int
    private let raw: OpaquePointer

    /// - Parameters:
    ///   - slots: The maximum number of datagrams per call.
    ///   - single: Whether each message is sent by a call of its own.
    package init(slots: Int, single: SingleCalls = SingleCalls()) {
        guard let raw = udplab_outbox_create(UInt32(slots), single.flags(slots: slots)) else {
            preconditionFailure("no memory for \(slots) message headers")
        }
        self.slots = slots
        self.raw = raw
    }

    deinit { udplab_outbox_destroy(raw) }

    /// Puts a datagram into slot `index`.
    /// - Parameters:
    ///   - address: The destination, as written by `ReceiveBatch.remember`; `nil` on a connected
    ///     socket.
    ///   - addressBytes: The size of `address` for the kernel.
    @inline(__always)
    package func set(
        _ index: Int, octets: UnsafeRawPointer, bytes: Int, address: UnsafePointer<UInt8>? = nil,
        addressBytes: Int = 0
    ) {
        udplab_outbox_set(raw, UInt32(index), octets, bytes, address, UInt32(addressBytes))
    }

    /// Gives the IP header of the datagram in slot `index` a traffic class and a hop limit; 0 keeps
    /// the socket's value. To be called after `set`; holds until the next `set`.
    @inline(__always)
    package func setHeader(_ index: Int, trafficClass: UInt8, hopLimit: UInt8) {
        udplab_outbox_set_header(raw, UInt32(index), UInt32(trafficClass), UInt32(hopLimit))
    }

    /// Calls sendmmsg(2) or sendmsg(2) on `descriptor`. Returns the number of messages that the
    /// kernel accepted (possibly fewer than `count`), or -errno.
    @inline(__always)
    package func send(on descriptor: Int32, from first: Int, count: Int) -> Int {
        Int(udplab_outbox_send(descriptor, raw, UInt32(first), UInt32(count)))
    }
}

extension Outbox {
    /// Returns the bytes in slot `index`: for simulated kernels.
    package func octets(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: udplab_outbox_octets(raw, UInt32(index)),
            count: udplab_outbox_length(raw, UInt32(index)))
    }

    /// Returns the traffic class that `setHeader` gave slot `index`: for simulated kernels.
    package func trafficClass(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: udplab_outbox_traffic_class(raw, UInt32(index)))
    }

    package func hopLimit(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: udplab_outbox_hop_limit(raw, UInt32(index)))
    }

    /// Returns the destination of slot `index`; `nil` on a connected socket. For simulated kernels.
    package func destination(_ index: Int) -> SocketAddress? {
        var bytes: UInt32 = 0
        guard let address = udplab_outbox_address(raw, UInt32(index), &bytes) else { return nil }
        return SocketAddress(raw: UnsafeRawBufferPointer(start: address, count: Int(bytes)))
    }
}

/// Addresses in the kernel's layout, as in a ``ReceiveBatch``, for its `isFrom`.
package struct RawAddresses: ~Copyable {
    package let count: Int
    private let memory: UnsafeMutablePointer<UInt8>

    package init(_ addresses: [SocketAddress]) {
        count = addresses.count
        memory = .allocate(capacity: max(1, count * ReceiveBatch.addressBytes))
        memory.initialize(repeating: 0, count: count * ReceiveBatch.addressBytes)
        for (index, address) in addresses.enumerated() {
            address.copy(to: memory + index * ReceiveBatch.addressBytes)
        }
    }

    deinit { memory.deallocate() }

    @inline(__always)
    package subscript(index: Int) -> UnsafePointer<UInt8> {
        precondition(index >= 0 && index < count, "an address that is there")
        return UnsafePointer(memory + index * ReceiveBatch.addressBytes)
    }
}

extension SocketAddress {
    /// Copies the address in the kernel's layout to `ReceiveBatch.addressBytes` bytes. Of a
    /// Unix socket only a name that the kernel gave it is as short as that.
    package func copy(to memory: UnsafeMutablePointer<UInt8>) {
        withRaw { raw, size in
            precondition(size <= ReceiveBatch.addressBytes, "an address that a batch holds")
            UnsafeMutableRawPointer(memory).copyMemory(from: raw, byteCount: Int(size))
        }
    }
}

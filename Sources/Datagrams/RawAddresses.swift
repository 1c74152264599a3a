/// Addresses in the kernel's layout, as in a ``ReceiveBatch``, for its `isFrom`.
package struct RawAddresses: ~Copyable {
    package let count: Int
    private let memory: UnsafeMutablePointer<UInt8>

    package init(_ addresses: [SocketAddress]) {
        count = addresses.count
        memory = .allocate(capacity: max(1, count * ReceiveBatch.addressBytes))
        memory.initialize(repeating: 0, count: count * ReceiveBatch.addressBytes)
        for (index, address) in addresses.enumerated() {
            address.withRaw { raw, size in
                precondition(size <= ReceiveBatch.addressBytes, "an address that a batch holds")
                UnsafeMutableRawPointer(memory + index * ReceiveBatch.addressBytes)
                    .copyMemory(from: raw, byteCount: Int(size))
            }
        }
    }

    deinit { memory.deallocate() }

    @inline(__always)
    package subscript(index: Int) -> UnsafePointer<UInt8> {
        precondition(index >= 0 && index < count, "an address that is there")
        return UnsafePointer(memory + index * ReceiveBatch.addressBytes)
    }
}

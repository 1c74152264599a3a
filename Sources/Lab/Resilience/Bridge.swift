import Glibc

/// Lets the battery's own thread, which is no task, wait for what only tasks can do.
enum Bridge {
    private static let lookEveryUs: UInt32 = 500

    /// Blocks the calling thread, so it must not be one of the cooperative pool. The work has its
    /// own deadlines.
    static func wait<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let promise = Promise<Result<Value, any Error>>()
        Task {
            do {
                promise.fulfil(.success(try await work()))
            } catch {
                promise.fulfil(.failure(error))
            }
        }
        while true {
            if let result = promise.valueIfKnown { return try result.get() }
            usleep(lookEveryUs)
        }
    }
}

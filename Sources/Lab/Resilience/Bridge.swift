import Glibc

/// Lets the battery's own thread, which is not a task, wait for asynchronous work.
enum Bridge {
    private static let lookEveryUs: UInt32 = 500

    /// Waits for the work, which has deadlines of its own. Blocks the calling thread, so that must
    /// not be one of the cooperative pool.
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

#include "04-images/fetch_layer.hpp"

#include <exception>
#include <thread>

#include "04-images/byte_stream.hpp"
#include "04-images/ingest.hpp"
#include "04-images/layer_snapshot.hpp"
#include "04-images/registry.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using State = LayerProgress::State;

void tell(const LayerFetch& fetch, const ImageLayer& layer, State state,
          std::uint64_t current = 0) {
    if (fetch.progress)
        fetch.progress({layer.blob.digest, state, current, layer.blob.size});
}

// Into the store; `also` sees the same bytes.
void download(const LayerFetch& fetch, const ImageLayer& layer, Ingest& ingest,
              const ByteSink& also) {
    auto take = [&](std::string_view bytes) {
        if (fetch.stop)
            throw Error(ErrorKind::Cancelled, "another layer failed");
        ingest.write(bytes);
        tell(fetch, layer, State::Downloading, ingest.offset());
        also(bytes);
    };
    tell(fetch, layer, State::Downloading, ingest.offset());
    try {
        get_blob(fetch.repository, layer.blob.digest, layer.blob.size,
                 ingest.offset(), take);
    } catch (const Error& error) {
        // More or fewer bytes than promised: not to be gone on with.
        if (error.kind() == ErrorKind::DataLoss) ingest.discard();
        throw;
    }
    ingest.commit();
}

//@ begin download-and-unpack
// The download goes on in this thread, the unpacking in another. The unpacker
// sees the end of the stream only after commit(), so there is no snapshot of
// bytes that were wrong.
void download_and_unpack(const LayerFetch& fetch, const ImageLayer& layer,
                         Ingest& ingest) {
    constexpr std::size_t bytes_ahead = 1 << 20;
    BytePipe pipe(bytes_ahead);
    std::exception_ptr failure;
    std::thread unpacker([&] {
        try {
            make_snapshot(
                fetch.snapshots, layer,
                [&](char* buffer, std::size_t capacity) {
                    return pipe.read(buffer, capacity);
                },
                fetch.unpack);
        } catch (...) {
            failure = std::current_exception();
        }
        pipe.abandon();  // there is a snapshot, or there will be none
    });
    //@ end download-and-unpack
    //@ begin download-beside
    try {
        download(fetch, layer, ingest,
                 [&](std::string_view bytes) { pipe.write(bytes); });
        pipe.finish();
    } catch (...) {
        pipe.finish(std::current_exception());
        unpacker.join();
        throw;
    }
    unpacker.join();
    if (failure) std::rethrow_exception(failure);
    //@ end download-beside
}

}  // namespace

//@ begin fetch-layer
void fetch_layer(const LayerFetch& fetch, const ImageLayer& layer) {
    auto ingest = begin_ingest(fetch.lease,
                               {layer.blob.digest, layer.blob.size}, Wait::Yes);
    if (!ingest)
        return unpack_blob(fetch.lease.store, fetch.snapshots, layer,
                           fetch.unpack, fetch.progress);
    bool is_whole = ingest->offset() == 0;
    if (is_whole && !fetch.snapshots.has(layer.diff_id)) {
        download_and_unpack(fetch, layer, *ingest);
    } else {
        // The beginning is in the file already: unpack from there afterwards.
        download(fetch, layer, *ingest, [](std::string_view) {});
        unpack_blob(fetch.lease.store, fetch.snapshots, layer, fetch.unpack,
                    {});
    }
    tell(fetch, layer, State::Pulled);
}
//@ end fetch-layer

}  // namespace slipway

#include "05-build/new_layer.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <thread>

#include "04-images/diff_layer.hpp"
#include "04-images/layer_snapshot.hpp"
#include "04-images/layer_writer.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t bytes_ahead = 4 << 20;

// Takes bytes and unpacks them on a thread of its own.
class Unpacking {
  public:
    Unpacking(const std::string& folder, const UnpackOptions& options)
        : pipe_(bytes_ahead), thread_([this, folder, options] {
              try {
                  unpacked_ = unpack_layer(
                      [this](char* buffer, std::size_t capacity) {
                          return pipe_.read(buffer, capacity);
                      },
                      folder, options);
              } catch (...) {
                  failure_ = std::current_exception();
                  pipe_.abandon();
              }
          }) {}
    Unpacking(const Unpacking&) = delete;
    Unpacking& operator=(const Unpacking&) = delete;
    ~Unpacking() {
        if (!thread_.joinable()) return;
        pipe_.finish(std::make_exception_ptr(
            Error(ErrorKind::Cancelled, "the layer was given up")));
        thread_.join();
    }

    // False: it has failed, and finish() throws why.
    bool write(std::string_view bytes) { return pipe_.write(bytes); }
    UnpackedLayer finish() {
        pipe_.finish();
        thread_.join();
        if (failure_) std::rethrow_exception(failure_);
        return unpacked_;
    }

  private:
    BytePipe pipe_;
    UnpackedLayer unpacked_;
    std::exception_ptr failure_;
    std::thread thread_;  // last: it uses the others
};

// The folder becomes the snapshot, unless there is one of the same bytes.
void keep_as_snapshot(ImageStore& store, const ImageLayer& layer,
                      const std::string& folder, std::uint64_t bytes) {
    store.snapshots.make(layer.diff_id, [&](const std::string& empty) {
        check(::rename(folder.c_str(), empty.c_str()), "rename ", folder);
        return bytes;
    });
}

}  // namespace

//@ begin layer-from-tar
ImageLayer layer_from_tar(const NewLayerPlan& plan, const std::string& folder,
                          const std::function<void(const ByteSink&)>& write) {
    LayerWriter writer(plan.lease, plan.compression);
    Unpacking unpacking(folder, unpack_options(plan.store));
    write([&](std::string_view bytes) {
        if (!unpacking.write(bytes)) unpacking.finish();  // throws
        writer.write(bytes);
    });
    UnpackedLayer unpacked = unpacking.finish();
    ImageLayer layer = writer.finish();
    keep_as_snapshot(plan.store, layer, folder, unpacked.bytes);
    return layer;
}
//@ end layer-from-tar

void folder_from_tar(const std::string& folder, const UnpackOptions& options,
                     const std::function<void(const ByteSink&)>& write) {
    Unpacking unpacking(folder, options);
    write([&](std::string_view bytes) {
        if (!unpacking.write(bytes)) unpacking.finish();  // throws
    });
    unpacking.finish();
}

//@ begin layer-from-upper
std::optional<ImageLayer> layer_from_upper(const NewLayerPlan& plan,
                                           const std::string& upper) {
    if (std::filesystem::is_empty(upper)) return {};
    DiffOptions options;
    options.user_xattr = plan.store.user_xattr;
    options.source_date_epoch = plan.source_date_epoch;
    auto write_diff = [&](const ByteSink& sink) {
        return diff_layer(upper, sink, options);
    };
    // Times that are put back are in the tar only: unpack that.
    if (plan.source_date_epoch) {
        std::string folder = upper + ".layer";
        check(::mkdir(folder.c_str(), 0755), "create ", folder);
        return layer_from_tar(plan, folder, write_diff);
    }
    LayerWriter writer(plan.lease, plan.compression);
    WrittenTar written =
        write_diff([&](std::string_view tar) { writer.write(tar); });
    ImageLayer layer = writer.finish();
    keep_as_snapshot(plan.store, layer, upper, written.bytes);
    return layer;
}
//@ end layer-from-upper

}  // namespace slipway

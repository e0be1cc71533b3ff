// What a user asked to have written somewhere: mostly a tar, on its way to a
// file or to standard output.
#pragma once

#include <string>
#include <string_view>

#include "04-images/byte_stream.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// A file has its name only when it is whole, also after a power cut. What is
/// there and is no regular file (a device, a FIFO, a symlink) stays what it is,
/// and is written to.
class OutputFile {
  public:
    /// "" and "-" are standard output. Throws InvalidArgument when that is a
    /// terminal.
    explicit OutputFile(std::string path);
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    /// Without finish() there is no file.
    ~OutputFile();

    ByteSink sink();
    void finish();

  private:
    void make_temporary();

    std::string path_, temporary_;
    UniqueFd file_;
};

/// The same for a few bytes, where "-" is a file of that name. `path` is not
/// empty.
void write_output_file(const std::string& path, std::string_view text);

}  // namespace slipway

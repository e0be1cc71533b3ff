// ADD https://…: a file from the network.
#pragma once

#include <string>
#include <string_view>

#include "04-images/http.hpp"
#include "05-build/copy_plan.hpp"

namespace slipway {

/// Fetches the file into the folder, which is empty. `checksum` is empty or
/// "sha256:…": what has another one is refused (DataLoss). Throws NotFound,
/// Unavailable and so on, as the server answers.
DownloadedFile download(const std::string& url, const std::string& checksum,
                        const HttpOptions& options, const std::string& folder);

/// "https://host/dir/a%20b.tar?x=y": "a b.tar", wherever the server leads on
/// to. Empty if it ends in a slash, or in what is no name.
std::string download_name(std::string_view url);

/// ADD --checksum of a repository: the beginning of the commit's name. Throws
/// DataLoss when it is another one.
void check_commit(const std::string& commit, const std::string& checksum);

}  // namespace slipway

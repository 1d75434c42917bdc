# What a declared licence is: an SPDX expression of known ids (https://spdx.org/licenses), a name people use for one, or neither.

BEGIN {
  spdx_list = "0BSD AFL-3.0 AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0 " \
    "BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 BUSL-1.1 " \
    "CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0 CC-BY-ND-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CECILL-2.1 CPL-1.0 " \
    "ECL-2.0 EFL-2.0 Elastic-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSL-1.1-MIT FSL-1.1-ALv2 FTL " \
    "GFDL-1.3 GPL-1.0 GPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only GPL-3.0-or-later HPND " \
    "ICU IJG ISC JSON LGPL-2.0 LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later Libpng " \
    "MIT MIT-0 MIT-CMU MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 NAIST-2003 NCSA NTP " \
    "ODbL-1.0 ODC-By-1.0 OFL-1.1 OpenSSL OSL-3.0 PDDL-1.0 PHP-3.01 PolyForm-Noncommercial-1.0.0 PostgreSQL PSF-2.0 Python-2.0 QPL-1.0 " \
    "Ruby Sleepycat SSPL-1.0 TCL Unicode-3.0 Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C W3C-20150513 WTFPL X11 Xnet Zlib ZPL-2.1"
  spdx_count = split(spdx_list, spdx_id, " ")
  for (spdx_i = 1; spdx_i <= spdx_count; spdx_i++) spdx_known[tolower(spdx_id[spdx_i])] = spdx_id[spdx_i]

  spdx_names("MIT", "mit license|the mit license|the mit license (mit)|expat|license :: osi approved :: mit license")
  spdx_names("Apache-2.0", "apache 2|apache 2.0|apache-2|apache license 2.0|apache license, version 2.0|apache license version 2.0|apache software license 2.0|the apache license, version 2.0|the apache software license, version 2.0|license :: osi approved :: apache software license")
  spdx_names("BSD-3-Clause", "new bsd|new bsd license|3-clause bsd|bsd 3-clause|bsd 3-clause license|the bsd 3-clause license|bsd-3")
  spdx_names("BSD-2-Clause", "simplified bsd|2-clause bsd|bsd 2-clause|bsd 2-clause license|bsd-2")
  spdx_names("ISC", "isc license|license :: osi approved :: isc license (iscl)")
  spdx_names("MPL-2.0", "mozilla public license 2.0|license :: osi approved :: mozilla public license 2.0 (mpl 2.0)")
  spdx_names("EPL-2.0", "eclipse public license 2.0|eclipse public license - v 2.0")
  spdx_names("GPL-3.0-only", "gplv3|license :: osi approved :: gnu general public license v3 (gplv3)")
  spdx_names("GPL-3.0-or-later", "gplv3+|license :: osi approved :: gnu general public license v3 or later (gplv3+)")
  spdx_names("Unlicense", "the unlicense|the unlicense (unlicense)|license :: osi approved :: the unlicense (unlicense)")
}

function spdx_names(id, names,    part, n, i) {
  n = split(names, part, "|")
  for (i = 1; i <= n; i++) spdx_name[part[i]] = id
}

# The expression in its usual spelling, or "" when a part of it is not known.
function spdx(text,    word, n, i, bare, out, exception) {
  text = plain(text)
  gsub(/^ +| +$/, "", text)
  if (text == "" || length(text) > 300) return ""
  if (tolower(text) in spdx_name) return spdx_name[tolower(text)]
  gsub(/\//, " OR ", text) # Cargo's old spelling
  gsub(/\(/, " ( ", text)
  gsub(/\)/, " ) ", text)
  n = split(text, word, " ")
  for (i = 1; i <= n; i++) {
    bare = tolower(word[i])
    if (bare == "(" || bare == ")") { out = out bare; continue }
    if (bare ~ /^(and|or|with)$/) {
      out = out " " toupper(bare) " "
      exception = bare == "with"
      continue
    }
    if (exception) { out = out word[i]; exception = 0; continue }
    if (bare ~ /^licenseref-[a-z0-9.-]+$/) { out = out word[i]; continue }
    if (bare ~ /\+$/ && substr(bare, 1, length(bare) - 1) in spdx_known) { out = out spdx_known[substr(bare, 1, length(bare) - 1)] "+"; continue }
    if (!(bare in spdx_known)) return ""
    out = out spdx_known[bare]
  }
  return out
}

'use strict';
// Loads an ES module for code that was compiled beforehand, which cannot do so itself.
module.exports.importModule = (url) => import(url);

import { PAGES } from '../support/readme-documents.ts';
import { describeDocuments } from '../support/readme-runner.ts';

describeDocuments(PAGES);
